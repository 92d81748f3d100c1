//! A host goes on with the database of a host before it. `upgrade/` has one for each store as it was
//! written then.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use baepo_domain::model::id::Digest;
use it::{Installation, Program, autumn_event, eventually, guest};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection, query, raw_sql};

/// What its secrets are sealed with.
const VAULT_KEY: &str = "1 0707070707070707070707070707070707070707070707070707070707070707\n";
/// Its publications.
const PUBLISHED_EVENT: &str = "01a21c74-3da3-7000-8533-c5c8691c4abf";
const PUBLISHED: &str = "01a21c74-3da6-7000-bafe-db284923713f";
const REFUSED: &str = "01a21c74-3def-7000-bd4f-ef3696bb49d7";
const ASLEEP: &str = "01a21c74-3e20-7000-9783-0df9ea21decc";

/// The releases of `slow`, which each build makes anew: one that is active, and one that is staged.
struct Components([(String, Vec<u8>); 2]);

impl Components {
    fn of_slow() -> Self {
        let active = std::fs::read(guest("slow")).unwrap();
        // A custom section of three bytes: a name of two, and no content.
        let staged = [active.as_slice(), &[0, 3, 2, b'v', b'2']].concat();
        Self([active, staged].map(|bytes| (Digest::of(&bytes).to_string(), bytes)))
    }

    fn active(&self) -> &str {
        &self.0[0].0
    }

    /// A script with their digests in it.
    fn complete(&self, script: &str) -> AssertSqlSafe<String> {
        let [(active, _), (staged, _)] = &self.0;
        let complete = script
            .replace("{slow}", active)
            .replace("{slow_v2}", staged);
        AssertSqlSafe(complete)
    }
}

const PUT_COMPONENT: &str = "INSERT INTO components (digest, bytes) VALUES ($1, $2)";

async fn write_sqlite(file: &Path, components: &Components) {
    let options = SqliteConnectOptions::new().filename(file);
    let options = options.create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let script = components.complete(include_str!("upgrade/sqlite.sql"));
    raw_sql(script).execute(&mut connection).await.unwrap();
    for (digest, bytes) in &components.0 {
        let put = query(PUT_COMPONENT).bind(digest).bind(bytes);
        put.execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
}

async fn write_postgres(url: &str, components: &Components) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let script = components.complete(include_str!("upgrade/postgres.sql"));
    raw_sql(script).execute(&mut connection).await.unwrap();
    // The script leaves its session without a search path.
    let mut connection = PgConnection::connect(url).await.unwrap();
    for (digest, bytes) in &components.0 {
        let put = query(PUT_COMPONENT).bind(digest).bind(bytes);
        put.execute(&mut connection).await.unwrap();
    }
}

/// A host on what an earlier one left when it was killed.
async fn upgraded(components: &Components) -> Program {
    let installation = Installation::default();
    let data = installation.data();
    std::fs::create_dir_all(&data).unwrap();
    let key = data.join("vault.key");
    std::fs::write(&key, VAULT_KEY).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    match installation.stack().services() {
        None => write_sqlite(&data.join("baepo.db"), components).await,
        Some(services) => write_postgres(&services.postgres, components).await,
    }
    Program::start_in(installation, &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_an_earlier_version_is_read_and_its_work_goes_on() {
    let components = Components::of_slow();
    let program = upgraded(&components).await;
    let (owner, operator) = (program.owner("shop-1"), program.operator());

    // The sleeping delivery wakes in the attempt and the release that it had begun with.
    eventually("the delivery that slept is live", || async {
        owner.status(ASLEEP, "slow").await == "LIVE"
    })
    .await;
    let woken = owner.delivery(ASLEEP, "slow").await;
    assert_eq!(woken["attempts"], 1, "{woken:#}");
    assert_eq!(woken["release"], components.active(), "{woken:#}");

    // The message that was not sent is sent, and the others are not sent again.
    eventually("every message is sent", || async {
        let outbox = operator.get("/api/admin/outbox").await.expect(200);
        let messages = outbox["items"].as_array().unwrap();
        messages.len() == 6 && messages.iter().all(|message| message["sentAt"].is_string())
    })
    .await;

    // Texts have both of their languages, and what is for operators stays theirs.
    assert_eq!(owner.status(PUBLISHED, "kakao-channel").await, "LIVE");
    for (language, expected) in [("ko", "네이버에 로그인하고"), ("en", "Log in to Naver")]
    {
        let reader = owner.reading(language);
        let delivery = reader.delivery(PUBLISHED, "naver-blog").await;
        assert_eq!(delivery["status"], "ACTION_REQUIRED", "{delivery:#}");
        let message = delivery["message"].as_str().unwrap();
        assert!(message.contains(expected), "{message}");
        assert!(
            !message.contains("[ko]") && !message.contains("[en]"),
            "{message}"
        );
    }
    let reader = owner.reading("ko");
    let refused = reader.delivery(REFUSED, "instagram").await;
    assert_eq!(refused["status"], "FAILED", "{refused:#}");
    let finding = refused["findings"][0]["message"].as_str().unwrap();
    assert!(
        finding.starts_with("계정을 다시 연결해 주세요"),
        "{finding}"
    );
    let detail = operator.detail(REFUSED, "instagram").await;
    assert!(detail.contains("(code 10)"), "{detail}");

    // A key that was used keeps its answer, and a sealed secret opens.
    let again = owner.publish_request(PUBLISHED_EVENT, "first-publish");
    let again = owner.send(again).await.expect(200);
    assert_eq!(again["distributionId"], PUBLISHED);
    let new = owner.publish_new(&autumn_event(&["kakao-channel"])).await;
    assert_eq!(
        new.result("kakao-channel")["status"],
        "LIVE",
        "{:#}",
        new.body
    );

    assert_eq!(operator.releases("slow").await.len(), 2);
    let audit = owner.get("/api/audit").await.expect(200);
    assert!(audit["items"].as_array().unwrap().len() > 8, "{audit:#}");
    program.stop().await;
}
