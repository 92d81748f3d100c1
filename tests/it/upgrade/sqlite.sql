-- A database as a host of 2026-11-27 (git e61a8a9, which stores as 7f6ac5f does) left it when it was killed, as `sqlite3 .dump` writes it: one
-- publication that is out, one that failed, one asleep, a draft, a scheduled event. Changed in it: the bytes of
-- components are left out, and digests of `slow` are placeholders; the sleep has ended, no date that matters
-- lies in the near future, and the last message is not sent.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO _sqlx_migrations VALUES(1,'baepo','2026-11-27 10:01:47',1,X'8bb425108813bf96b5ca8272f1b09de5d0b4b85b9ce2895dd348549d259884eec04ea775de24734542400a4a25abfdd5',2457203);
INSERT INTO _sqlx_migrations VALUES(2,'journal','2026-11-27 10:01:47',1,X'7c05f400bc9515b16fdf400ae46adb34a96300b904105c5c8feb658abc3bf3b77926b7dc5f56509dbe564266f248805f',1636710);
INSERT INTO _sqlx_migrations VALUES(3,'hosts','2026-11-27 10:01:47',1,X'a8e33514d3d0363afc5513e5c3594c63a4ee33071108ff3e68151030a0e3d317999fac0c75800ad34a6183b002744af8',3979289);
INSERT INTO _sqlx_migrations VALUES(4,'life','2026-11-27 10:01:47',1,X'6f3ea8b22383f7ca4ce3635be06acf3082ab22e3cc637181d3768184c67c18b0f214e8de3417ed9a69da34487b0571b5',1646393);
INSERT INTO _sqlx_migrations VALUES(9,'orphans','2026-11-27 10:01:47',1,X'49700d51b501a1cd3efe573b234a4b12fce510adac283c061c7883065107758777a350ae2fb69463996ff90b39d6279a',3983939);
INSERT INTO _sqlx_migrations VALUES(10,'external_ids','2026-11-27 10:01:47',1,X'8cb1baf525cf164ec391165c65dda2722c0452fa50a9684046fc462720a5c36f3d2a979678d52f9594fd9da3d023f497',758546);
CREATE TABLE events (
    id               BLOB    NOT NULL PRIMARY KEY,
    owner            TEXT    NOT NULL,
    draft            TEXT    NOT NULL, -- JSON
    status           TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    approved_at      INTEGER,
    distributed_at   INTEGER,
    distribution     BLOB,
    publishing_by    BLOB,             -- the holder of the lease
    publishing_until INTEGER,
    revision         INTEGER NOT NULL, schedule   TEXT, publish_at INTEGER,
    CHECK ((publishing_by IS NULL) = (publishing_until IS NULL))
) STRICT;
INSERT INTO events VALUES(X'01a21c743da370008533c5c8691c4abf','shop-1','{"title":"단골 감사 가을 할인","objective":"REVISITS","recommendation":{"id":"autumn","title":"가을 단골 감사","summary":"따뜻한 한 그릇"},"content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"channels":["kakao-channel","naver-blog"],"channelSettings":{}}','ACTIVE',1795773709731,1795773709776,1795773709734,1795773709776,X'01a21c743da67000bafedb284923713f',NULL,NULL,4,NULL,NULL);
INSERT INTO events VALUES(X'01a21c743de1700094a115f77bcdaec5','shop-1','{"title":"단골 감사 가을 할인","objective":"REVISITS","recommendation":{"id":"autumn","title":"가을 단골 감사","summary":"따뜻한 한 그릇"},"content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"channels":["instagram"],"channelSettings":{}}','APPROVED',1795773709793,1795773709807,1795773709807,NULL,X'01a21c743def7000bd4fef3696bb49d7',NULL,NULL,3,NULL,NULL);
INSERT INTO events VALUES(X'01a21c743e1470008d1d2945ac236bd7','shop-1','{"title":"단골 감사 가을 할인","objective":"REVISITS","recommendation":{"id":"autumn","title":"가을 단골 감사","summary":"따뜻한 한 그릇"},"content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"channels":["slow"],"channelSettings":{"slow":{"accepted":true,"sleepMs":3000000}}}','ACTIVE',1795773709844,1795773709867,1795773709856,1795773709867,X'01a21c743e20700097830df9ea21decc',NULL,NULL,4,NULL,NULL);
INSERT INTO events VALUES(X'01a21c743e3b70008c9564c7ce57db0b','shop-1','{"title":"단골 감사 가을 할인","objective":"REVISITS","recommendation":{"id":"autumn","title":"가을 단골 감사","summary":"따뜻한 한 그릇"},"content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"channels":["kakao-channel"],"channelSettings":{}}','DRAFT',1795773709883,1795773709883,NULL,NULL,NULL,NULL,NULL,1,NULL,NULL);
INSERT INTO events VALUES(X'01a21c743e407000bceac99d6d8b5fc8','shop-1','{"title":"단골 감사 가을 할인","objective":"REVISITS","recommendation":{"id":"autumn","title":"가을 단골 감사","summary":"따뜻한 한 그릇"},"content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"channels":["kakao-channel"],"channelSettings":{}}','DRAFT',1795773709888,1795773709899,NULL,NULL,NULL,NULL,NULL,2,'{"publishAt":"2100-01-01T00:00:00Z","channels":null,"problem":null}',4102444800000);
CREATE TABLE idempotency_keys (
    owner       TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    fingerprint TEXT    NOT NULL,
    event       BLOB    NOT NULL REFERENCES events (id),
    answer      TEXT,                  -- JSON; null while the first request runs
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;
INSERT INTO idempotency_keys VALUES('shop-1','first-publish','c26ffb63b071afbdfa2da0fa5c1b9452a30aea2ee38d7738234596d68d7deffe',X'01a21c743da370008533c5c8691c4abf','{"distribution":"01a21c74-3da6-7000-bafe-db284923713f","ending":"Distributed","event":"01a21c74-3da3-7000-8533-c5c8691c4abf","results":[{"attempts":1,"channel":"kakao-channel","execution_time_ms":2,"findings":[],"message":null,"receipt":{"estimatedReach":2,"externalId":"2026112719014700000","url":"https://pf.kakao.com/_sandbox"},"release":"8c6ae952d4d946fdd95d15f7b64d3e7701f8cd97227c20a819e2eb92c8f718cb","status":"LIVE"},{"attempts":1,"channel":"naver-blog","execution_time_ms":0,"findings":[],"message":"[ko] 1. 네이버에 로그인하고 글쓰기 화면을 열어 주세요: https://blog.naver.com/sandbox-shop/postwrite\n2. title.txt를 복사해 제목에 붙여 넣어 주세요.\n3. post.html을 브라우저로 열어 모두 선택하고 복사한 다음 본문에 붙여 넣어 주세요. 모양이 깨지면 post.txt를 대신 붙여 넣어 주세요.\n4. 사진 1장이 순서대로 보이는지 확인해 주세요. 보이지 않으면 images.json의 주소에서 내려받아 순서대로 올리고, 설명을 적어 주세요.\n5. 발행 화면의 태그 칸에 tags.txt를 붙여 넣어 주세요.\n6. 공개 설정이 전체공개인지 확인하고 발행해 주세요.\n7. 올린 글의 주소(https://blog.naver.com/sandbox-shop/ 뒤에 숫자)를 복사해 여기에서 확인해 주세요. 주소를 확인해야 게시가 끝납니다.\n[en] 1. Log in to Naver and open the page for writing: https://blog.naver.com/sandbox-shop/postwrite\n2. Copy title.txt and paste it as the title.\n3. Open post.html in a browser, select and copy all of it, and paste it as the body. If it looks broken, paste post.txt instead.\n4. See that all pictures (1) are there in their order. If not, download them from the addresses in images.json, upload them in that order and add their descriptions.\n5. Paste tags.txt into the field for tags (태그) of the publishing panel.\n6. See that everybody may read it (전체공개), and publish it.\n7. Copy the address of the post (https://blog.naver.com/sandbox-shop/ and a number) and confirm it here. It counts as published once the address is confirmed.","receipt":{"estimatedReach":null,"externalId":null,"url":null},"release":"016fb7b44011acbd2326b7bc3b193108e3186fbb433c04514c10d48706aa95eb","status":"ACTION_REQUIRED"}],"status":"ACTIVE"}',1795773709733);
INSERT INTO idempotency_keys VALUES('shop-1','refused-publish','f84fadc721de9d34a0a6b6f1b10dcde7a6f66f296d4f747cb4781dc44bc6d0cb',X'01a21c743de1700094a115f77bcdaec5','{"distribution":"01a21c74-3def-7000-bd4f-ef3696bb49d7","ending":"AllFailed","event":"01a21c74-3de1-7000-94a1-15f77bcdaec5","results":[{"attempts":1,"channel":"instagram","execution_time_ms":1,"findings":[{"at":"/accounts/instagram","message":"[ko] 계정을 다시 연결해 주세요. 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.\n[en] Connect the account again. The connection to Instagram has ended, or it may not publish. Connect again.\n[op] Instagram: Application does not have permission (code 10)","severity":"error"}],"message":"[ko] 계정을 다시 연결해 주세요. 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.\n[en] Connect the account again. The connection to Instagram has ended, or it may not publish. Connect again.\n[op] Instagram: Application does not have permission (code 10)","receipt":{"estimatedReach":null,"externalId":null,"url":null},"release":"3c071ff661c954e002a41f8e79ae2131fe34a540b8307a2731673b5e98c8dcdc","status":"FAILED"}],"status":"APPROVED"}',1795773709807);
INSERT INTO idempotency_keys VALUES('shop-1','sleeping-publish','f3acc5608df3139cdfb81cbc457e50e520a2255b92d954c8483356edd2490659',X'01a21c743e1470008d1d2945ac236bd7','{"distribution":"01a21c74-3e20-7000-9783-0df9ea21decc","ending":"Distributed","event":"01a21c74-3e14-7000-8d1d-2945ac236bd7","results":[{"attempts":1,"channel":"slow","execution_time_ms":0,"findings":[],"message":"under review","receipt":{"estimatedReach":null,"externalId":null,"url":null},"release":"{slow}","status":"ACCEPTED"}],"status":"ACTIVE"}',1795773709856);
CREATE TABLE distributions (
    id           BLOB    NOT NULL PRIMARY KEY,
    event        BLOB    NOT NULL UNIQUE REFERENCES events (id),
    owner        TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    completed_at INTEGER,
    revision     INTEGER NOT NULL
) STRICT;
INSERT INTO distributions VALUES(X'01a21c743da67000bafedb284923713f',X'01a21c743da370008533c5c8691c4abf','shop-1',1795773709734,1795773709776,3);
INSERT INTO distributions VALUES(X'01a21c743def7000bd4fef3696bb49d7',X'01a21c743de1700094a115f77bcdaec5','shop-1',1795773709807,1795773709827,2);
INSERT INTO distributions VALUES(X'01a21c743e20700097830df9ea21decc',X'01a21c743e1470008d1d2945ac236bd7','shop-1',1795773709856,NULL,1);
CREATE TABLE deliveries (
    sequence          INTEGER NOT NULL PRIMARY KEY,
    id                BLOB    NOT NULL UNIQUE,
    distribution      BLOB    NOT NULL REFERENCES distributions (id),
    event             BLOB    NOT NULL REFERENCES events (id),
    owner             TEXT    NOT NULL,
    channel           TEXT    NOT NULL,
    status            TEXT    NOT NULL,
    generation        INTEGER NOT NULL,
    attempts          INTEGER NOT NULL,
    tries             INTEGER NOT NULL,
    release           TEXT,
    receipt           TEXT    NOT NULL, -- JSON
    findings          TEXT    NOT NULL, -- JSON
    action            TEXT,             -- JSON
    message           TEXT,
    due_at            INTEGER,
    execution_time_ms INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    revision          INTEGER NOT NULL, attempt     BLOB, lease_until INTEGER, lease_by    BLOB     -- the holder of the lease
    CHECK ((lease_by IS NULL) = (lease_until IS NULL)), probes      INTEGER NOT NULL DEFAULT 0, taken_until INTEGER, taken_by    BLOB
    CHECK ((taken_by IS NULL) = (taken_until IS NULL)), external_id TEXT,
    UNIQUE (distribution, channel)
) STRICT;
INSERT INTO deliveries VALUES(1,X'01a21c743da6700191dd8d7d353a90fa',X'01a21c743da67000bafedb284923713f',X'01a21c743da370008533c5c8691c4abf','shop-1','kakao-channel','LIVE',1,1,1,'8c6ae952d4d946fdd95d15f7b64d3e7701f8cd97227c20a819e2eb92c8f718cb','{"externalId":"2026112719014700000","url":"https://pf.kakao.com/_sandbox","estimatedReach":2}','[]',NULL,NULL,NULL,2,1795773709734,1795773709776,3,NULL,NULL,NULL,0,NULL,NULL,'2026112719014700000');
INSERT INTO deliveries VALUES(2,X'01a21c743da67002b9571b05de04dd72',X'01a21c743da67000bafedb284923713f',X'01a21c743da370008533c5c8691c4abf','shop-1','naver-blog','ACTION_REQUIRED',1,1,1,'016fb7b44011acbd2326b7bc3b193108e3186fbb433c04514c10d48706aa95eb','{"externalId":null,"url":null,"estimatedReach":null}','[]','{"instructions":"[ko] 1. 네이버에 로그인하고 글쓰기 화면을 열어 주세요: https://blog.naver.com/sandbox-shop/postwrite\n2. title.txt를 복사해 제목에 붙여 넣어 주세요.\n3. post.html을 브라우저로 열어 모두 선택하고 복사한 다음 본문에 붙여 넣어 주세요. 모양이 깨지면 post.txt를 대신 붙여 넣어 주세요.\n4. 사진 1장이 순서대로 보이는지 확인해 주세요. 보이지 않으면 images.json의 주소에서 내려받아 순서대로 올리고, 설명을 적어 주세요.\n5. 발행 화면의 태그 칸에 tags.txt를 붙여 넣어 주세요.\n6. 공개 설정이 전체공개인지 확인하고 발행해 주세요.\n7. 올린 글의 주소(https://blog.naver.com/sandbox-shop/ 뒤에 숫자)를 복사해 여기에서 확인해 주세요. 주소를 확인해야 게시가 끝납니다.\n[en] 1. Log in to Naver and open the page for writing: https://blog.naver.com/sandbox-shop/postwrite\n2. Copy title.txt and paste it as the title.\n3. Open post.html in a browser, select and copy all of it, and paste it as the body. If it looks broken, paste post.txt instead.\n4. See that all pictures (1) are there in their order. If not, download them from the addresses in images.json, upload them in that order and add their descriptions.\n5. Paste tags.txt into the field for tags (태그) of the publishing panel.\n6. See that everybody may read it (전체공개), and publish it.\n7. Copy the address of the post (https://blog.naver.com/sandbox-shop/ and a number) and confirm it here. It counts as published once the address is confirmed.","prepared":[{"name":"title.txt","mimeType":"text/plain","data":"eab080ec9d8420eb8ba8eab3a820eab090ec82ac20ec9db4ebb2a4ed8ab8"},{"name":"post.html","mimeType":"text/html","data":"3c21646f63747970652068746d6c3e0a3c68746d6c206c616e673d226b6f223e0a3c686561643e0a3c6d65746120636861727365743d227574662d38223e0a3c7469746c653eeab080ec9d8420eb8ba8eab3a820eab090ec82ac20ec9db4ebb2a4ed8ab83c2f7469746c653e0a3c2f686561643e0a3c626f64793e0a3c6669677572653e0a3c696d67207372633d2268747470733a2f2f73686f702e6578616d706c652f617574756d6e2e6a70672220616c743d22eab5adebb0a520ed959c20eab7b8eba687223e0a3c66696763617074696f6e3eeab5adebb0a520ed959c20eab7b8eba6873c2f66696763617074696f6e3e0a3c2f6669677572653e0a3c703eec9db4ebb28820eca3bceba79020eca08420eba994eb89b42032302520ed95a0ec9db83c2f703e0a3c68333eeab8b0eab0843c2f68333e0a3c703e32303236eb8584203131ec9b94203237ec9dbc2031383a3030ebb680ed84b02032303237eb8584203132ec9b94203131ec9dbc2031383a3030eab98ceca7803c2f703e0a3c68333eec9e90ec84b8ed9e8820ebb3b4eab8b03c2f68333e0a3c703e3c6120687265663d2268747470733a2f2f73686f702e6578616d706c652f617574756d6e223e68747470733a2f2f73686f702e6578616d706c652f617574756d6e3c2f613e3c2f703e0a3c703e23eab080ec9d842023ed95a0ec9db83c2f703e0a3c2f626f64793e0a3c2f68746d6c3e0a"},{"name":"post.txt","mimeType":"text/plain","data":"ec9db4ebb28820eca3bceba79020eca08420eba994eb89b42032302520ed95a0ec9db80a0aeab8b0eab0843a2032303236eb8584203131ec9b94203237ec9dbc2031383a3030ebb680ed84b02032303237eb8584203132ec9b94203131ec9dbc2031383a3030eab98ceca7800a0aec9e90ec84b8ed9e8820ebb3b4eab8b03a2068747470733a2f2f73686f702e6578616d706c652f617574756d6e0a0a23eab080ec9d842023ed95a0ec9db80a"},{"name":"images.json","mimeType":"application/json","data":"5b0a20207b0a20202020226f72646572223a20312c0a202020202275726c223a202268747470733a2f2f73686f702e6578616d706c652f617574756d6e2e6a7067222c0a2020202022616c7454657874223a2022eab5adebb0a520ed959c20eab7b8eba687222c0a202020202266696c654e616d65223a202230312e6a7067220a20207d0a5d"},{"name":"tags.txt","mimeType":"text/plain","data":"eab080ec9d842ced95a0ec9db8"}]}',replace('[ko] 1. 네이버에 로그인하고 글쓰기 화면을 열어 주세요: https://blog.naver.com/sandbox-shop/postwrite\n2. title.txt를 복사해 제목에 붙여 넣어 주세요.\n3. post.html을 브라우저로 열어 모두 선택하고 복사한 다음 본문에 붙여 넣어 주세요. 모양이 깨지면 post.txt를 대신 붙여 넣어 주세요.\n4. 사진 1장이 순서대로 보이는지 확인해 주세요. 보이지 않으면 images.json의 주소에서 내려받아 순서대로 올리고, 설명을 적어 주세요.\n5. 발행 화면의 태그 칸에 tags.txt를 붙여 넣어 주세요.\n6. 공개 설정이 전체공개인지 확인하고 발행해 주세요.\n7. 올린 글의 주소(https://blog.naver.com/sandbox-shop/ 뒤에 숫자)를 복사해 여기에서 확인해 주세요. 주소를 확인해야 게시가 끝납니다.\n[en] 1. Log in to Naver and open the page for writing: https://blog.naver.com/sandbox-shop/postwrite\n2. Copy title.txt and paste it as the title.\n3. Open post.html in a browser, select and copy all of it, and paste it as the body. If it looks broken, paste post.txt instead.\n4. See that all pictures (1) are there in their order. If not, download them from the addresses in images.json, upload them in that order and add their descriptions.\n5. Paste tags.txt into the field for tags (태그) of the publishing panel.\n6. See that everybody may read it (전체공개), and publish it.\n7. Copy the address of the post (https://blog.naver.com/sandbox-shop/ and a number) and confirm it here. It counts as published once the address is confirmed.','\n',char(10)),NULL,0,1795773709734,1795773709765,3,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO deliveries VALUES(3,X'01a21c743def7001a882b5a48d78e4d1',X'01a21c743def7000bd4fef3696bb49d7',X'01a21c743de1700094a115f77bcdaec5','shop-1','instagram','FAILED',1,1,1,'3c071ff661c954e002a41f8e79ae2131fe34a540b8307a2731673b5e98c8dcdc','{"externalId":null,"url":null,"estimatedReach":null}','[{"severity":"error","at":"/accounts/instagram","message":"[ko] 계정을 다시 연결해 주세요. 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.\n[en] Connect the account again. The connection to Instagram has ended, or it may not publish. Connect again.\n[op] Instagram: Application does not have permission (code 10)"}]',NULL,replace('[ko] 계정을 다시 연결해 주세요. 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.\n[en] Connect the account again. The connection to Instagram has ended, or it may not publish. Connect again.\n[op] Instagram: Application does not have permission (code 10)','\n',char(10)),NULL,1,1795773709807,1795773709827,3,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO deliveries VALUES(4,X'01a21c743e20700180aa287d5b9b03f8',X'01a21c743e20700097830df9ea21decc',X'01a21c743e1470008d1d2945ac236bd7','shop-1','slow','ACCEPTED',1,1,1,'{slow}','{"externalId":null,"url":null,"estimatedReach":null}','[]',NULL,'under review',1767225600000,0,1795773709856,1795773709878,4,X'01a21c743e26700085811486ae425d9a',NULL,NULL,0,NULL,NULL,NULL);
CREATE TABLE attempts (
    sequence     INTEGER NOT NULL PRIMARY KEY,
    id           BLOB    NOT NULL UNIQUE,
    delivery     BLOB    NOT NULL REFERENCES deliveries (id),
    distribution BLOB    NOT NULL REFERENCES distributions (id),
    channel      TEXT    NOT NULL,
    release      TEXT    NOT NULL,
    number       INTEGER NOT NULL,
    started_at   INTEGER NOT NULL,
    ended        TEXT,                  -- JSON
    revision     INTEGER NOT NULL
, beginning TEXT) STRICT;
INSERT INTO attempts VALUES(1,X'01a21c743db77000a2e985833339ad45',X'01a21c743da67002b9571b05de04dd72',X'01a21c743da67000bafedb284923713f','naver-blog','016fb7b44011acbd2326b7bc3b193108e3186fbb433c04514c10d48706aa95eb',1,1795773709751,'{"at":"2026-11-27T10:01:49.764Z","end":"action-required","message":"[ko] 1. 네이버에 로그인하고 글쓰기 화면을 열어 주세요: https://blog.naver.com/sandbox-shop/postwrite\n2. title.txt를 복사해 제목에 붙여 넣어 주세요.\n3. post.html을 브라우저로 열어 모두 선택하고 복사한 다음 본문에 붙여 넣어 주세요. 모양이 깨지면 post.txt를 대신 붙여 넣어 주세요.\n4. 사진 1장이 순서대로 보이는지 확인해 주세요. 보이지 않으면 images.json의 주소에서 내려받아 순서대로 올리고, 설명을 적어 주세요.\n5. 발행 화면의 태그 칸에 tags.txt를 붙여 넣어 주세요.\n6. 공개 설정이 전체공개인지 확인하고 발행해 주세요.\n7. 올린 글의 주소(https://blog.naver.com/sandbox-shop/ 뒤에 숫자)를 복사해 여기에서 확인해 주세요. 주소를 확인해야 게시가 끝납니다.\n[en] 1. Log in to Naver and open the page for writing: https://blog.naver.com/sandbox-shop/postwrite\n2. Copy title.txt and paste it as the title.\n3. Open post.html in a browser, select and copy all of it, and paste it as the body. If it looks broken, paste post.txt instead.\n4. See that all pictures (1) are there in their order. If not, download them from the addresses in images.json, upload them in that order and add their descriptions.\n5. Paste tags.txt into the field for tags (태그) of the publishing panel.\n6. See that everybody may read it (전체공개), and publish it.\n7. Copy the address of the post (https://blog.naver.com/sandbox-shop/ and a number) and confirm it here. It counts as published once the address is confirmed.","usage":{"fuel":178766,"memoryBytes":262144,"hostCalls":1,"activeTimeMs":0}}',2,'{"idempotencyKey":"01a21c74-3da6-7002-b957-1b05de04dd72-1","event":"01a21c74-3da3-7000-8533-c5c8691c4abf","content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"options":{},"settings":{"blogId":"sandbox-shop"},"limits":{"fuel":100000000,"active_time_ms":10000,"memory_bytes":16777216,"table_elements":20000,"instances":64,"host_calls":50,"log_bytes":65536,"request_bytes":1048576,"response_bytes":4194304,"concurrency":256,"requests_per_second":300}}');
INSERT INTO attempts VALUES(2,X'01a21c743db7700193569d88ffecf11e',X'01a21c743da6700191dd8d7d353a90fa',X'01a21c743da67000bafedb284923713f','kakao-channel','8c6ae952d4d946fdd95d15f7b64d3e7701f8cd97227c20a819e2eb92c8f718cb',1,1795773709751,'{"at":"2026-11-27T10:01:49.776Z","end":"live","message":null,"usage":{"fuel":247731,"memoryBytes":262144,"hostCalls":15,"activeTimeMs":2}}',2,'{"idempotencyKey":"01a21c74-3da6-7001-91dd-8d7d353a90fa-1","event":"01a21c74-3da3-7000-8533-c5c8691c4abf","content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"options":{"bubble":"AUTO","buttonName":"자세히 보기","pushAlarm":true},"settings":{"advertising":false,"apiHost":"kakaotalk-bizmessage.api.nhncloudservice.com","apiVersion":"v1.0","appKey":"sandbox-app-key","channelUrl":"https://pf.kakao.com/_sandbox","recipients":["010-1234-5678","010-2345-6789"],"senderKey":"a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0","unsubscribeNumber":"080-1234-5678"},"limits":{"fuel":500000000,"active_time_ms":120000,"memory_bytes":33554432,"table_elements":20000,"instances":64,"host_calls":500,"log_bytes":65536,"request_bytes":1048576,"response_bytes":4194304,"concurrency":64,"requests_per_second":300}}');
INSERT INTO attempts VALUES(3,X'01a21c743df6700082cb13f015153675',X'01a21c743def7001a882b5a48d78e4d1',X'01a21c743def7000bd4fef3696bb49d7','instagram','3c071ff661c954e002a41f8e79ae2131fe34a540b8307a2731673b5e98c8dcdc',1,1795773709814,'{"at":"2026-11-27T10:01:49.827Z","end":"unauthorized","message":"[ko] 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.\n[en] The connection to Instagram has ended, or it may not publish. Connect again.\n[op] Instagram: Application does not have permission (code 10)","usage":{"fuel":128663,"memoryBytes":262144,"hostCalls":5,"activeTimeMs":1}}',2,'{"idempotencyKey":"01a21c74-3def-7001-a882-b5a48d78e4d1-1","event":"01a21c74-3de1-7000-94a1-15f77bcdaec5","content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"options":{"shareToFeed":true},"settings":{"apiHost":"graph.facebook.com","apiVersion":"v26.0","igUserId":"17841400000000001","readLagSeconds":6},"limits":{"fuel":500000000,"active_time_ms":120000,"memory_bytes":33554432,"table_elements":20000,"instances":64,"host_calls":500,"log_bytes":65536,"request_bytes":1048576,"response_bytes":4194304,"concurrency":64,"requests_per_second":100}}');
INSERT INTO attempts VALUES(4,X'01a21c743e26700085811486ae425d9a',X'01a21c743e20700180aa287d5b9b03f8',X'01a21c743e20700097830df9ea21decc','slow','{slow}',1,1795773709862,NULL,1,'{"idempotencyKey":"01a21c74-3e20-7001-80aa-287d5b9b03f8-1","event":"01a21c74-3e14-7000-8d1d-2945ac236bd7","content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"options":{"accepted":true,"sleepMs":3000000,"times":1},"settings":{},"limits":{"fuel":1000000000,"active_time_ms":120000,"memory_bytes":67108864,"table_elements":20000,"instances":64,"host_calls":1000,"log_bytes":65536,"request_bytes":1048576,"response_bytes":4194304,"concurrency":256,"requests_per_second":300}}');
CREATE TABLE outbox (
    sequence   INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, -- never given twice
    id         BLOB    NOT NULL UNIQUE,
    key        TEXT    NOT NULL,
    topic      TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    payload    TEXT    NOT NULL,        -- JSON
    created_at INTEGER NOT NULL,
    sent_at    INTEGER
, lease_by    BLOB    NOT NULL DEFAULT x'00000000000000000000000000000000', lease_until INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO outbox VALUES(1,X'01a21c743da67000bafedb284923713f','01a21c74-3da3-7000-8533-c5c8691c4abf','event-topic','EventCreated','{"createdAt":"2026-11-27T10:01:49.731Z","eventId":"01a21c74-3da3-7000-8533-c5c8691c4abf","objective":"REVISITS","title":"단골 감사 가을 할인","userId":"shop-1"}',1795773709734,1795773709750,X'01a21c7434257000be8a1de65fb79b8a',1795773739734);
INSERT INTO outbox VALUES(2,X'01a21c743dd07000b93856aab8821369','01a21c74-3da3-7000-8533-c5c8691c4abf','distribution-topic','DistributionCompleted','{"channelResults":[{"channel":"kakao-channel","estimatedReach":2,"externalId":"2026112719014700000","message":null,"status":"LIVE","url":"https://pf.kakao.com/_sandbox"},{"channel":"naver-blog","estimatedReach":null,"externalId":null,"message":"1. 네이버에 로그인하고 글쓰기 화면을 열어 주세요: https://blog.naver.com/sandbox-shop/postwrite\n2. title.txt를 복사해 제목에 붙여 넣어 주세요.\n3. post.html을 브라우저로 열어 모두 선택하고 복사한 다음 본문에 붙여 넣어 주세요. 모양이 깨지면 post.txt를 대신 붙여 넣어 주세요.\n4. 사진 1장이 순서대로 보이는지 확인해 주세요. 보이지 않으면 images.json의 주소에서 내려받아 순서대로 올리고, 설명을 적어 주세요.\n5. 발행 화면의 태그 칸에 tags.txt를 붙여 넣어 주세요.\n6. 공개 설정이 전체공개인지 확인하고 발행해 주세요.\n7. 올린 글의 주소(https://blog.naver.com/sandbox-shop/ 뒤에 숫자)를 복사해 여기에서 확인해 주세요. 주소를 확인해야 게시가 끝납니다.","status":"ACTION_REQUIRED","url":null}],"completedAt":"2026-11-27T10:01:49.776Z","distributionId":"01a21c74-3da6-7000-bafe-db284923713f","eventId":"01a21c74-3da3-7000-8533-c5c8691c4abf"}',1795773709776,1795773709782,X'01a21c7434257000be8a1de65fb79b8a',1795773739776);
INSERT INTO outbox VALUES(3,X'01a21c743def7000bd4fef3696bb49d7','01a21c74-3de1-7000-94a1-15f77bcdaec5','event-topic','EventCreated','{"createdAt":"2026-11-27T10:01:49.793Z","eventId":"01a21c74-3de1-7000-94a1-15f77bcdaec5","objective":"REVISITS","title":"단골 감사 가을 할인","userId":"shop-1"}',1795773709807,1795773709814,X'01a21c7434257000be8a1de65fb79b8a',1795773739807);
INSERT INTO outbox VALUES(4,X'01a21c743e037000af2ba248b22d7140','01a21c74-3de1-7000-94a1-15f77bcdaec5','distribution-topic','DistributionCompleted','{"channelResults":[{"channel":"instagram","estimatedReach":null,"externalId":null,"message":"계정을 다시 연결해 주세요. 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.","status":"FAILED","url":null}],"completedAt":"2026-11-27T10:01:49.827Z","distributionId":"01a21c74-3def-7000-bd4f-ef3696bb49d7","eventId":"01a21c74-3de1-7000-94a1-15f77bcdaec5"}',1795773709827,1795773709829,X'01a21c7434257000be8a1de65fb79b8a',1795773739827);
INSERT INTO outbox VALUES(5,X'01a21c743e20700097830df9ea21decc','01a21c74-3e14-7000-8d1d-2945ac236bd7','event-topic','EventCreated','{"createdAt":"2026-11-27T10:01:49.844Z","eventId":"01a21c74-3e14-7000-8d1d-2945ac236bd7","objective":"REVISITS","title":"단골 감사 가을 할인","userId":"shop-1"}',1795773709856,NULL,X'01a21c7434257000be8a1de65fb79b8a',1795773739856);
CREATE TABLE accounts (
    owner        TEXT    NOT NULL,
    channel      TEXT    NOT NULL,
    settings     TEXT    NOT NULL,      -- JSON
    secrets      TEXT    NOT NULL,      -- JSON: name to sealed bytes in hexadecimal digits
    connected_at INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    revision     INTEGER NOT NULL, expires  TEXT NOT NULL DEFAULT '{}', renew_at INTEGER, problem  TEXT,
    PRIMARY KEY (owner, channel)
) STRICT, WITHOUT ROWID;
INSERT INTO accounts VALUES('shop-1','instagram','{"apiHost":"graph.facebook.com","apiVersion":"v26.0","igUserId":"17841400000000001","readLagSeconds":6}','{"accessToken":"0100000001b50152b79b1deee21b82d3c1c81c3d4e94c73442960b4deb026182db8d60a1858503ecf9184e5532841f041806732f9ad3e7dd1c31089a563e095aea29915c"}',1795773709712,1795773709712,1,'{"accessToken":"2100-01-01T00:00:00Z"}',NULL,NULL);
INSERT INTO accounts VALUES('shop-1','kakao-channel','{"advertising":false,"apiHost":"kakaotalk-bizmessage.api.nhncloudservice.com","apiVersion":"v1.0","appKey":"sandbox-app-key","channelUrl":"https://pf.kakao.com/_sandbox","recipients":["010-1234-5678","010-2345-6789"],"senderKey":"a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0","unsubscribeNumber":"080-1234-5678"}','{"secretKey":"0100000001a1dc1b518a41498bb11a3df7902a93ca63c51d95a35859394e89a20a606ad33ad70ee1631ecfe8733a9f66445b9abd73de072b8ab9836fa70ef220a5"}',1795773709715,1795773709715,1,'{}',NULL,NULL);
INSERT INTO accounts VALUES('shop-1','naver-blog','{"blogId":"sandbox-shop"}','{}',1795773709718,1795773709718,1,'{}',NULL,NULL);
INSERT INTO accounts VALUES('shop-1','slow','{}','{}',1795773709720,1795773709720,1,'{}',NULL,NULL);
CREATE TABLE releases (
    sequence     INTEGER NOT NULL PRIMARY KEY,
    channel      TEXT    NOT NULL,
    digest       TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    reason       TEXT,
    bytes        INTEGER NOT NULL,
    installed_at INTEGER NOT NULL,
    promoted_at  INTEGER,
    revision     INTEGER NOT NULL,
    UNIQUE (channel, digest)
) STRICT;
INSERT INTO releases VALUES(4,'slow','{slow}','ACTIVE',NULL,71915,1795773709296,1795773709298,2);
INSERT INTO releases VALUES(5,'slow','{slow_v2}','STAGED',NULL,71920,1795773709907,NULL,1);
CREATE TABLE components (
    digest TEXT NOT NULL PRIMARY KEY,
    bytes  BLOB NOT NULL
) STRICT;
CREATE TABLE journal_entries (
    attempt  BLOB    NOT NULL REFERENCES attempts (id),
    sequence INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    step     BLOB    NOT NULL, -- JSON, after a byte that says whether it is compressed
    PRIMARY KEY (attempt, sequence)
) STRICT, WITHOUT ROWID;
INSERT INTO journal_entries VALUES(X'01a21c743db7700193569d88ffecf11e',1,1795773709764,X'01ab562a4ecd2b51b28aae56ca4d2dc9c84f51b2520af00f0e51d2512a2dca51b252ca28292928b6d2d7cf4ecc4ecc2f49ccc9d64dcaacca4d2d2e4e4c4fd54b2cc8d4cbcbc84bcec92f4d294e2d2acb4c4ed54bcecfd54f2a4acc4bd185aad22f33d433d04f2c28c84ead2cd62f4ecc4b49caafd04d2c28d0cd4eadd44f2b4a4d2d2ea9cc4985292f56d251ca484d4c492d2a56b28a8e568ad0f573d6750cf0d4f57471f50df00f71f5738ed4f5768d54d25132304c34324c3637d1354e4934d335373030d4b5344c49d1b548314f3136354eb434484bd435548ad589564acecf2b49cd2bd12da92c4855d2514a2c28c8c94c4e2cc9cccfd3cf2acecf538a8dd5514aca4fa954b2aa562a49ad2851b252aa8e01854d4a6a91776a658c92558c52a2619251b2718a49aa699a59a2799245b2658a0136b118259d18a5e48cc412a7d2a4a49cd490ca8254b07e4f5f477757b06441697186634e62516e8c92554951692a483dc4816085af3634bc99dba2f0ba7bc5abcd2b145e6d98f0a6698dc29bb95b5e6f5af2b66b474c4c5e4c4c1e98dba1f066f19ed7cb2728bc59d0a2f07ae594d79d5b148c0c5415de4e5df066ee0eb05599b989e920ebab6394c0ccd0a21cb01db0782dcec82fd04bad48cc2dc849d54f2c2d29cdcdd3cb2a4847e8f5c9cccb26a42346a956274629a9b4a4243faf3806949a6294f2127341f6c628bd9937e14dcb8eb7f33a145e6fdef26ac706b0d1a078009b1aee03e6e764e665fbe68345f0b80cae342099b0d2da589d18a5a2d4e4cc82ccd4bc129fcce212a8cbe0627e100b0d0c0d0c8d8c4d4ccdcc2dc016942416a5a79664e6a583edf00479ae1ac924842ea8264b1cba40f617a7e6a5a416b917e5971664e6a5c3521271093746a956a9564729b928352535af243331079421a079432142373835b928b544d73bb552a118ccf44ead548ad5512a4a2d484d0425e0d2bce2c434506a2fc9cc4dcd2f2d89cf2d56b23236303030a88dad0500');
INSERT INTO journal_entries VALUES(X'01a21c743db7700193569d88ffecf11e',2,1795773709775,X'01ab564acc2b2e4f2d4a4d51b28aae562a4a2d2ec8cf2b4e55b2aa562a2e492c292d56b2323230d051ca484d4c492d2a56b28a8e564acecf2b49cd2bd12da92c4855d2514a2c28c8c94c4e2cc9cccfd3cf2acecf538ad541a8c949cd4b2fc950d251323637024ba424968034b91565ea2818992bf8e597291819189929181a5819185a99582ab8fb8628c5c6ea2825e5a754829c51925a51a264a5541d0375438c9255758c526671706972726a71715a694e8c9255495169aa4e0cc8f9a53925cef929a9314a56067001dfd4e2e2c47490588c5270a8b3b36b70708c52ad4e8c522e5ca21aa4b9b034b5b8c4332546c92a4609e42843432373434b0343137303108851d289512a4ecd4b094a2d2ecd29298e010519485f726641666a5e895f3e58a781a181a191b189a999b9055847512a543e38b53046c9ca10ee2c62dd09761bd40c841d502b2cb1d96144aa1db1509fa516b917e5971664e6a57ba756427d936864986c6ea26b9c9268a66b6e6060a86b699892a26b91629e626c6a9c68699096a86b18a3545bab545b5b1b5b0b00');
INSERT INTO journal_entries VALUES(X'01a21c743df6700082cb13f015153675',1,1795773709826,X'007b2273656e74223a5b7b226d6574686f64223a22474554222c2275726c223a2268747470733a2f2f67726170682e66616365626f6f6b2e636f6d2f7632362e302f31373834313430303030303030303030312f636f6e74656e745f7075626c697368696e675f6c696d69743f6669656c64733d71756f74615f7573616765253243636f6e666967222c2263726564656e7469616c73223a5b2262656172657220616363657373546f6b656e225d2c22726570656174223a2273616665222c2274696d656f75745f6d73223a31303030307d5d7d');
INSERT INTO journal_entries VALUES(X'01a21c743df6700082cb13f015153675',2,1795773709827,X'01ab564acc2b2e4f2d4a4d51b28aae562a4a2d2ec8cf2b4e55b2aa562a2e492c292d56b2323130d051ca484d4c492d2a56b28a8e564acecf2b49cd2bd12da92c4855d2514a2c28c8c94c4e2cc9cccfd3cf2acecf538ad541a8c949cd4b2fc950d251323434044ba424968034b91565ea2818992bf8e597291819189929181a5819185a99582ab8fb8628c5c6ea2825e5a754829c51925a51a264a5541da3945a54945f14a364551da3949c9f921aa3646568a013a39496545294989c1a9f9912a36415a35411a3a413a3949b5a5c9c980e5213a3e48870a0424a7e6ab1425e7e8942466259aa42416a516e667171667e1e5813c8436033fc1d4b4b325c2b92530b40be8a51aaad55aaadad8dad0500');
INSERT INTO journal_entries VALUES(X'01a21c743e26700085811486ae425d9a',1,1795773709867,X'007b226163636570746564223a7b2272656365697074223a7b2265787465726e616c4964223a6e756c6c2c2275726c223a6e756c6c2c22657374696d617465645265616368223a6e756c6c7d2c226e6f7465223a22756e64657220726576696577227d7d');
INSERT INTO journal_entries VALUES(X'01a21c743e26700085811486ae425d9a',2,1795773709877,X'007b22736c657074223a7b22756e74696c223a22323032362d30312d30315430303a30303a30305a227d7d');
CREATE TABLE delivery_changes (
    delivery BLOB    NOT NULL,
    revision INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    view     TEXT    NOT NULL, -- JSON
    PRIMARY KEY (delivery, revision)
) STRICT, WITHOUT ROWID;
INSERT INTO delivery_changes VALUES(X'01a21c743da6700191dd8d7d353a90fa',1,1795773709734,'{"channel":"kakao-channel","status":"PENDING","generation":1,"attempts":0,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"findings":[],"message":null,"nextAttemptAt":null}');
INSERT INTO delivery_changes VALUES(X'01a21c743da6700191dd8d7d353a90fa',2,1795773709751,'{"channel":"kakao-channel","status":"RUNNING","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"findings":[],"message":null,"nextAttemptAt":null}');
INSERT INTO delivery_changes VALUES(X'01a21c743da6700191dd8d7d353a90fa',3,1795773709776,'{"channel":"kakao-channel","status":"LIVE","generation":1,"attempts":1,"receipt":{"externalId":"2026112719014700000","url":"https://pf.kakao.com/_sandbox","estimatedReach":2},"findings":[],"message":null,"nextAttemptAt":null}');
INSERT INTO delivery_changes VALUES(X'01a21c743da67002b9571b05de04dd72',1,1795773709734,'{"channel":"naver-blog","status":"PENDING","generation":1,"attempts":0,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"findings":[],"message":null,"nextAttemptAt":null}');
INSERT INTO delivery_changes VALUES(X'01a21c743da67002b9571b05de04dd72',2,1795773709751,'{"channel":"naver-blog","status":"RUNNING","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"findings":[],"message":null,"nextAttemptAt":null}');
INSERT INTO delivery_changes VALUES(X'01a21c743da67002b9571b05de04dd72',3,1795773709765,'{"channel":"naver-blog","status":"ACTION_REQUIRED","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"findings":[],"message":"[ko] 1. 네이버에 로그인하고 글쓰기 화면을 열어 주세요: https://blog.naver.com/sandbox-shop/postwrite\n2. title.txt를 복사해 제목에 붙여 넣어 주세요.\n3. post.html을 브라우저로 열어 모두 선택하고 복사한 다음 본문에 붙여 넣어 주세요. 모양이 깨지면 post.txt를 대신 붙여 넣어 주세요.\n4. 사진 1장이 순서대로 보이는지 확인해 주세요. 보이지 않으면 images.json의 주소에서 내려받아 순서대로 올리고, 설명을 적어 주세요.\n5. 발행 화면의 태그 칸에 tags.txt를 붙여 넣어 주세요.\n6. 공개 설정이 전체공개인지 확인하고 발행해 주세요.\n7. 올린 글의 주소(https://blog.naver.com/sandbox-shop/ 뒤에 숫자)를 복사해 여기에서 확인해 주세요. 주소를 확인해야 게시가 끝납니다.\n[en] 1. Log in to Naver and open the page for writing: https://blog.naver.com/sandbox-shop/postwrite\n2. Copy title.txt and paste it as the title.\n3. Open post.html in a browser, select and copy all of it, and paste it as the body. If it looks broken, paste post.txt instead.\n4. See that all pictures (1) are there in their order. If not, download them from the addresses in images.json, upload them in that order and add their descriptions.\n5. Paste tags.txt into the field for tags (태그) of the publishing panel.\n6. See that everybody may read it (전체공개), and publish it.\n7. Copy the address of the post (https://blog.naver.com/sandbox-shop/ and a number) and confirm it here. It counts as published once the address is confirmed.","nextAttemptAt":null}');
INSERT INTO delivery_changes VALUES(X'01a21c743def7001a882b5a48d78e4d1',1,1795773709807,'{"channel":"instagram","status":"PENDING","generation":1,"attempts":0,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"findings":[],"message":null,"nextAttemptAt":null}');
INSERT INTO delivery_changes VALUES(X'01a21c743def7001a882b5a48d78e4d1',2,1795773709814,'{"channel":"instagram","status":"RUNNING","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"findings":[],"message":null,"nextAttemptAt":null}');
INSERT INTO delivery_changes VALUES(X'01a21c743def7001a882b5a48d78e4d1',3,1795773709827,'{"channel":"instagram","status":"FAILED","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"findings":[{"severity":"error","at":"/accounts/instagram","message":"[ko] 계정을 다시 연결해 주세요. 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.\n[en] Connect the account again. The connection to Instagram has ended, or it may not publish. Connect again.\n[op] Instagram: Application does not have permission (code 10)"}],"message":"[ko] 계정을 다시 연결해 주세요. 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.\n[en] Connect the account again. The connection to Instagram has ended, or it may not publish. Connect again.\n[op] Instagram: Application does not have permission (code 10)","nextAttemptAt":null}');
INSERT INTO delivery_changes VALUES(X'01a21c743e20700180aa287d5b9b03f8',1,1795773709856,'{"channel":"slow","status":"PENDING","generation":1,"attempts":0,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"findings":[],"message":null,"nextAttemptAt":null}');
INSERT INTO delivery_changes VALUES(X'01a21c743e20700180aa287d5b9b03f8',2,1795773709862,'{"channel":"slow","status":"RUNNING","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"findings":[],"message":null,"nextAttemptAt":null}');
INSERT INTO delivery_changes VALUES(X'01a21c743e20700180aa287d5b9b03f8',3,1795773709867,'{"channel":"slow","status":"ACCEPTED","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"findings":[],"message":"under review","nextAttemptAt":null}');
INSERT INTO delivery_changes VALUES(X'01a21c743e20700180aa287d5b9b03f8',4,1795773709878,'{"channel":"slow","status":"ACCEPTED","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"findings":[],"message":"under review","nextAttemptAt":"2026-01-01T00:00:00Z"}');
CREATE TABLE audit (
    id           BLOB    NOT NULL PRIMARY KEY,
    at           INTEGER NOT NULL,
    actor        TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    action       TEXT    NOT NULL,
    owner        TEXT    NOT NULL,
    event        BLOB,
    distribution BLOB,
    channel      TEXT,
    detail       TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO audit VALUES(X'01a21c743d907000a5a53cc4866c86b3',1795773709712,'shop-1','owner','connect-account','shop-1',NULL,NULL,'instagram','accessToken');
INSERT INTO audit VALUES(X'01a21c743d9370009a3f7c853f51ab86',1795773709715,'shop-1','owner','connect-account','shop-1',NULL,NULL,'kakao-channel','secretKey');
INSERT INTO audit VALUES(X'01a21c743d967000aeeca1a202a8167b',1795773709718,'shop-1','owner','connect-account','shop-1',NULL,NULL,'naver-blog',NULL);
INSERT INTO audit VALUES(X'01a21c743d987000b411e3d7e4d1708e',1795773709720,'shop-1','owner','connect-account','shop-1',NULL,NULL,'slow',NULL);
INSERT INTO audit VALUES(X'01a21c743da670039c6bae2ca937d3f5',1795773709734,'shop-1','owner','publish','shop-1',X'01a21c743da370008533c5c8691c4abf',X'01a21c743da67000bafedb284923713f',NULL,'kakao-channel naver-blog');
INSERT INTO audit VALUES(X'01a21c743def7002b2574ca3e18452cc',1795773709807,'shop-1','owner','publish','shop-1',X'01a21c743de1700094a115f77bcdaec5',X'01a21c743def7000bd4fef3696bb49d7',NULL,'instagram');
INSERT INTO audit VALUES(X'01a21c743e2070029cd234e7b585e649',1795773709856,'shop-1','owner','publish','shop-1',X'01a21c743e1470008d1d2945ac236bd7',X'01a21c743e20700097830df9ea21decc',NULL,'slow');
INSERT INTO audit VALUES(X'01a21c743e4b70009ae024660aa96644',1795773709899,'shop-1','owner','schedule','shop-1',X'01a21c743e407000bceac99d6d8b5fc8',NULL,NULL,'2100-01-01T00:00:00Z');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('outbox',5);
CREATE INDEX events_by_owner ON events (owner, id);
CREATE INDEX attempts_by_distribution ON attempts (distribution, sequence);
CREATE INDEX deliveries_claimed ON deliveries (lease_until) WHERE lease_by IS NOT NULL;
CREATE INDEX attempts_journaled ON attempts (started_at)
    WHERE ended IS NOT NULL AND beginning IS NOT NULL;
CREATE UNIQUE INDEX releases_active ON releases (channel) WHERE state = 'ACTIVE';
CREATE INDEX deliveries_due ON deliveries (due_at, sequence) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_unsent ON outbox (lease_by, sequence) WHERE sent_at IS NULL;
CREATE INDEX events_publishing ON events (publishing_until, id) WHERE publishing_by IS NOT NULL;
CREATE INDEX events_scheduled ON events (publish_at, id) WHERE publish_at IS NOT NULL;
CREATE INDEX accounts_to_renew ON accounts (renew_at, owner, channel) WHERE renew_at IS NOT NULL;
CREATE TRIGGER deliveries_made AFTER INSERT ON deliveries BEGIN
INSERT INTO delivery_changes (delivery, revision, at, view)
VALUES (new.id, new.revision, new.updated_at, json_object(
    'channel', new.channel,
    'status', new.status,
    'generation', new.generation,
    'attempts', new.attempts,
    'receipt', json(new.receipt),
    'findings', json(new.findings),
    'message', new.message,
    'nextAttemptAt', strftime('%Y-%m-%dT%H:%M:%fZ', new.due_at / 1000.0, 'unixepoch')
));
END;
CREATE TRIGGER deliveries_moved AFTER UPDATE OF revision ON deliveries BEGIN
INSERT INTO delivery_changes (delivery, revision, at, view)
VALUES (new.id, new.revision, new.updated_at, json_object(
    'channel', new.channel,
    'status', new.status,
    'generation', new.generation,
    'attempts', new.attempts,
    'receipt', json(new.receipt),
    'findings', json(new.findings),
    'message', new.message,
    'nextAttemptAt', strftime('%Y-%m-%dT%H:%M:%fZ', new.due_at / 1000.0, 'unixepoch')
));
END;
CREATE INDEX audit_by_owner ON audit (owner, id);
CREATE INDEX deliveries_orphaned ON deliveries (updated_at)
    WHERE status IN ('PENDING', 'RUNNING', 'ACCEPTED') AND lease_by IS NULL AND due_at IS NULL;
CREATE INDEX deliveries_of_account ON deliveries (owner, channel, external_id);
COMMIT;
