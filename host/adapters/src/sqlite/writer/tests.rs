use baepo_domain::Timestamp;
use baepo_domain::model::id::Digest;
use baepo_domain::model::provenance::{Provenance, Source};
use baepo_domain::model::release::Release;

use sqlx::query_scalar;
use tokio::sync::oneshot;

use super::super::open::{self, writer_options};
use super::super::statement::Readers;
use super::*;

/// Installs a component of half a megabyte, each number another one.
fn install(number: u8) -> Vec<Mutation> {
    let component = vec![number; 1 << 19];
    let now = Timestamp::from_millisecond(1_700_000_000_000).unwrap();
    let channel = "instagram".parse().unwrap();
    let provenance = Provenance {
        source: Source::Upload,
        signed_by: None,
    };
    let release = Release::staged(channel, Digest::of(&component), 1 << 19, provenance, now);
    vec![Mutation::PutRelease {
        release,
        component: Some(component),
    }]
}

/// How many releases there are.
async fn installed(readers: &Readers) -> i64 {
    let count = query_scalar("SELECT count(*) FROM releases");
    count.fetch_one(readers.pool().unwrap()).await.unwrap()
}

/// What each of these callers, who come at the same time, is answered.
async fn write(writer: &mut Writer, batch: Vec<Vec<Mutation>>) -> Vec<Result<(), String>> {
    let (commits, answers): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .map(|mutations| {
            let (answer, answered) = oneshot::channel();
            let work = Work::Mutations(mutations);
            (Commit { work, answer }, answered)
        })
        .unzip();
    writer.write(commits).await;
    let answers = futures::future::join_all(answers).await.into_iter();
    answers
        .map(|answer| answer.unwrap().map(drop).map_err(|error| error.to_string()))
        .collect()
}

#[tokio::test]
async fn a_full_disk_fails_every_caller_and_writes_resume_with_space() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baepo.db");
    let counter = CommitCounter::default();
    let (readers, mut writer) = open::open(&path, counter.clone()).await.unwrap();
    writer.disconnect().await;
    let one_megabyte = writer_options(&path).pragma("max_page_count", "256");
    let connection = SqliteConnection::connect_with(&one_megabyte).await.unwrap();
    let health = Arc::clone(&readers.health);
    let mut writer = Writer::new(
        one_megabyte,
        connection,
        Arc::clone(&health),
        counter.clone(),
    );

    assert_eq!(write(&mut writer, vec![install(1)]).await, [Ok(())]);
    for _ in 0..2 {
        let answers = write(&mut writer, vec![Vec::new(), install(2), Vec::new()]).await;
        assert_eq!(answers.len(), 3);
        for answer in answers {
            let error = answer.expect_err("nothing of the transaction was written");
            assert!(error.contains("database or disk is full"), "{error}");
        }
        let why = health
            .accepts_writes()
            .expect_err("it does not")
            .to_string();
        assert!(why.contains("database or disk is full"), "{why}");
    }
    assert_eq!(installed(&readers).await, 1, "reads go on meanwhile");

    writer.options = writer_options(&path);
    assert_eq!(
        write(&mut writer, vec![install(2), install(3)]).await,
        [Ok(()), Ok(())]
    );
    assert_eq!(installed(&readers).await, 3);
    health.accepts_writes().unwrap();
    assert_eq!(counter.get(), 2);
}

#[tokio::test]
async fn a_read_only_file_fails_writes_and_they_resume_when_writable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baepo.db");
    let (readers, mut writer) = open::open(&path, CommitCounter::default()).await.unwrap();
    let health = Arc::clone(&readers.health);
    assert_eq!(write(&mut writer, vec![install(1)]).await, [Ok(())]);

    writer.disconnect().await;
    writer.options = writer_options(&path).pragma("query_only", "1");
    let answers = write(&mut writer, vec![install(2)]).await;
    let refused = answers[0].as_ref().expect_err("nothing can be written");
    assert!(refused.contains("readonly"), "{refused}");
    let why = health
        .accepts_writes()
        .expect_err("it does not")
        .to_string();
    assert!(why.contains("readonly"), "{why}");
    assert_eq!(installed(&readers).await, 1);

    // Nothing that was asked for has to be written for it to be known.
    writer.options = writer_options(&path);
    assert_eq!(write(&mut writer, vec![Vec::new()]).await, [Ok(())]);
    health.accepts_writes().unwrap();
    assert_eq!(write(&mut writer, vec![install(2)]).await, [Ok(())]);
}
