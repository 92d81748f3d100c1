-- A database as a host of 2026-11-27 (git e61a8a9, which stores as 7f6ac5f does) left it when it was killed, as `pg_dump --inserts` writes it: one
-- publication that is out, one that failed, one asleep, a draft, a scheduled event. Changed in it: the bytes of
-- components are left out, and digests of `slow` are placeholders; the sleep has ended, no date that matters
-- lies in the near future, and the last message is not sent.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);
CREATE TABLE public.accounts (
    owner text NOT NULL COLLATE pg_catalog."C",
    channel text NOT NULL COLLATE pg_catalog."C",
    settings text NOT NULL,
    secrets text NOT NULL,
    connected_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    revision bigint NOT NULL,
    expires text DEFAULT '{}'::text NOT NULL,
    renew_at bigint,
    problem text
);
CREATE TABLE public.attempts (
    sequence bigint NOT NULL,
    id uuid NOT NULL,
    delivery uuid NOT NULL,
    distribution uuid NOT NULL,
    channel text NOT NULL COLLATE pg_catalog."C",
    release text NOT NULL,
    number bigint NOT NULL,
    beginning text,
    started_at bigint NOT NULL,
    ended text,
    revision bigint NOT NULL
);
ALTER TABLE public.attempts ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.attempts_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.audit (
    id uuid NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL,
    action text NOT NULL,
    owner text NOT NULL COLLATE pg_catalog."C",
    event uuid,
    distribution uuid,
    channel text COLLATE pg_catalog."C",
    detail text
);
CREATE TABLE public.components (
    digest text NOT NULL COLLATE pg_catalog."C",
    bytes bytea NOT NULL
);
CREATE TABLE public.deliveries (
    sequence bigint NOT NULL,
    id uuid NOT NULL,
    distribution uuid NOT NULL,
    event uuid NOT NULL,
    owner text NOT NULL COLLATE pg_catalog."C",
    channel text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL,
    generation bigint NOT NULL,
    attempts bigint NOT NULL,
    tries bigint NOT NULL,
    release text,
    receipt text NOT NULL,
    findings text NOT NULL,
    action text,
    message text,
    due_at bigint,
    execution_time_ms bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    revision bigint NOT NULL,
    attempt uuid,
    lease_until bigint,
    lease_by uuid,
    probes bigint NOT NULL,
    taken_until bigint,
    taken_by uuid,
    external_id text,
    CONSTRAINT deliveries_check CHECK (((lease_by IS NULL) = (lease_until IS NULL))),
    CONSTRAINT deliveries_check1 CHECK (((taken_by IS NULL) = (taken_until IS NULL)))
)
WITH (autovacuum_vacuum_scale_factor='0.05');
ALTER TABLE public.deliveries ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.deliveries_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.delivery_changes (
    delivery uuid NOT NULL,
    revision bigint NOT NULL,
    at bigint NOT NULL,
    view text NOT NULL
);
CREATE TABLE public.distributions (
    id uuid NOT NULL,
    event uuid NOT NULL,
    owner text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    completed_at bigint,
    revision bigint NOT NULL
);
CREATE TABLE public.events (
    id uuid NOT NULL,
    owner text NOT NULL COLLATE pg_catalog."C",
    draft text NOT NULL,
    status text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    approved_at bigint,
    distributed_at bigint,
    distribution uuid,
    publishing_by uuid,
    publishing_until bigint,
    revision bigint NOT NULL,
    schedule text,
    publish_at bigint,
    CONSTRAINT events_check CHECK (((publishing_by IS NULL) = (publishing_until IS NULL)))
);
CREATE TABLE public.idempotency_keys (
    owner text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    fingerprint text NOT NULL,
    event uuid NOT NULL,
    answer text,
    created_at bigint NOT NULL
);
CREATE TABLE public.journal_entries (
    attempt uuid NOT NULL,
    sequence bigint NOT NULL,
    at bigint NOT NULL,
    step bytea NOT NULL
);
ALTER TABLE ONLY public.journal_entries ALTER COLUMN step SET STORAGE EXTERNAL;
CREATE TABLE public.outbox (
    sequence bigint NOT NULL,
    id uuid NOT NULL,
    key text NOT NULL,
    topic text NOT NULL,
    kind text NOT NULL,
    payload text NOT NULL,
    created_at bigint NOT NULL,
    sent_at bigint,
    lease_by uuid NOT NULL,
    lease_until bigint NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05');
ALTER TABLE public.outbox ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.releases (
    sequence bigint NOT NULL,
    channel text NOT NULL COLLATE pg_catalog."C",
    digest text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL,
    reason text,
    bytes bigint NOT NULL,
    installed_at bigint NOT NULL,
    promoted_at bigint,
    revision bigint NOT NULL
);
ALTER TABLE public.releases ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.releases_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.schema_compatibility (
    oldest_usable bigint NOT NULL
);
INSERT INTO public._sqlx_migrations VALUES (1, 'baepo', '2026-11-27 10:01:53.719448+00', true, '\xbf2f5128ba88810b797a6bddf36593fc072bc667ce81cb3e5fbce795bc824e7245574c0aa974085247cfea8243b012e3', 154760591);
INSERT INTO public._sqlx_migrations VALUES (2, 'life', '2026-11-27 10:01:53.8781+00', true, '\x453fb054616df55e7fcfa4ed79f357c601996e981b148fefbbac02d33008238a0c2a707b43c4bcfa4353298ffdbdfc64', 52231093);
INSERT INTO public._sqlx_migrations VALUES (7, 'orphans', '2026-11-27 10:01:53.938131+00', true, '\x49700d51b501a1cd3efe573b234a4b12fce510adac283c061c7883065107758777a350ae2fb69463996ff90b39d6279a', 3920008);
INSERT INTO public._sqlx_migrations VALUES (8, 'external_ids', '2026-11-27 10:01:53.946059+00', true, '\xb82dd664c25b417acdd23288c230752a66e3f507021bbe08609dfda4569ca7aa1813cf612e0bcaed02660e49bf09d540', 7996892);
INSERT INTO public.accounts VALUES ('shop-1', 'instagram', '{"apiHost":"graph.facebook.com","apiVersion":"v26.0","igUserId":"17841400000000001","readLagSeconds":6}', '{"accessToken":"0100000001ad24f92f316ca5200e6e4abcfe2fea98cb09eba838dc57d4adfae3b2f1d33ed582ef9b746e3b6d0dc51aa4e8519d19821c6e0ae15f52758701db825f7e6b9f"}', 1795773716367, 1795773716367, 1, '{"accessToken":"2100-01-01T00:00:00Z"}', NULL, NULL);
INSERT INTO public.accounts VALUES ('shop-1', 'kakao-channel', '{"advertising":false,"apiHost":"kakaotalk-bizmessage.api.nhncloudservice.com","apiVersion":"v1.0","appKey":"sandbox-app-key","channelUrl":"https://pf.kakao.com/_sandbox","recipients":["010-1234-5678","010-2345-6789"],"senderKey":"a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0","unsubscribeNumber":"080-1234-5678"}', '{"secretKey":"01000000016ab363c967a89c23be39aba529893d0a3977b823d5468c08446f97b9d3e55b842026888fef280b54195b5e8cfa56855e1b86cd87d073a24e4493ec7f"}', 1795773716382, 1795773716382, 1, '{}', NULL, NULL);
INSERT INTO public.accounts VALUES ('shop-1', 'naver-blog', '{"blogId":"sandbox-shop"}', '{}', 1795773716387, 1795773716387, 1, '{}', NULL, NULL);
INSERT INTO public.accounts VALUES ('shop-1', 'slow', '{}', '{}', 1795773716395, 1795773716395, 1, '{}', NULL, NULL);
INSERT INTO public.attempts OVERRIDING SYSTEM VALUE VALUES (1, '01a21c74-57c9-7000-9608-31bf9788d0ec', '01a21c74-57b7-7002-9908-6537163b40c9', '01a21c74-3da6-7000-bafe-db284923713f', 'naver-blog', '016fb7b44011acbd2326b7bc3b193108e3186fbb433c04514c10d48706aa95eb', 1, '{"idempotencyKey":"01a21c74-57b7-7002-9908-6537163b40c9-1","event":"01a21c74-3da3-7000-8533-c5c8691c4abf","content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"options":{},"settings":{"blogId":"sandbox-shop"},"limits":{"fuel":100000000,"active_time_ms":10000,"memory_bytes":16777216,"table_elements":20000,"instances":64,"host_calls":50,"log_bytes":65536,"request_bytes":1048576,"response_bytes":4194304,"concurrency":256,"requests_per_second":300}}', 1795773716425, '{"at":"2026-11-27T10:01:56.45Z","end":"action-required","message":"[ko] 1. 네이버에 로그인하고 글쓰기 화면을 열어 주세요: https://blog.naver.com/sandbox-shop/postwrite\n2. title.txt를 복사해 제목에 붙여 넣어 주세요.\n3. post.html을 브라우저로 열어 모두 선택하고 복사한 다음 본문에 붙여 넣어 주세요. 모양이 깨지면 post.txt를 대신 붙여 넣어 주세요.\n4. 사진 1장이 순서대로 보이는지 확인해 주세요. 보이지 않으면 images.json의 주소에서 내려받아 순서대로 올리고, 설명을 적어 주세요.\n5. 발행 화면의 태그 칸에 tags.txt를 붙여 넣어 주세요.\n6. 공개 설정이 전체공개인지 확인하고 발행해 주세요.\n7. 올린 글의 주소(https://blog.naver.com/sandbox-shop/ 뒤에 숫자)를 복사해 여기에서 확인해 주세요. 주소를 확인해야 게시가 끝납니다.\n[en] 1. Log in to Naver and open the page for writing: https://blog.naver.com/sandbox-shop/postwrite\n2. Copy title.txt and paste it as the title.\n3. Open post.html in a browser, select and copy all of it, and paste it as the body. If it looks broken, paste post.txt instead.\n4. See that all pictures (1) are there in their order. If not, download them from the addresses in images.json, upload them in that order and add their descriptions.\n5. Paste tags.txt into the field for tags (태그) of the publishing panel.\n6. See that everybody may read it (전체공개), and publish it.\n7. Copy the address of the post (https://blog.naver.com/sandbox-shop/ and a number) and confirm it here. It counts as published once the address is confirmed.","usage":{"fuel":178766,"memoryBytes":262144,"hostCalls":1,"activeTimeMs":0}}', 2);
INSERT INTO public.attempts OVERRIDING SYSTEM VALUE VALUES (2, '01a21c74-57cc-7000-8e4b-cd2eaefc0f0f', '01a21c74-57b7-7001-be94-40175dfa3d75', '01a21c74-3da6-7000-bafe-db284923713f', 'kakao-channel', '8c6ae952d4d946fdd95d15f7b64d3e7701f8cd97227c20a819e2eb92c8f718cb', 1, '{"idempotencyKey":"01a21c74-57b7-7001-be94-40175dfa3d75-1","event":"01a21c74-3da3-7000-8533-c5c8691c4abf","content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"options":{"bubble":"AUTO","buttonName":"자세히 보기","pushAlarm":true},"settings":{"advertising":false,"apiHost":"kakaotalk-bizmessage.api.nhncloudservice.com","apiVersion":"v1.0","appKey":"sandbox-app-key","channelUrl":"https://pf.kakao.com/_sandbox","recipients":["010-1234-5678","010-2345-6789"],"senderKey":"a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0","unsubscribeNumber":"080-1234-5678"},"limits":{"fuel":500000000,"active_time_ms":120000,"memory_bytes":33554432,"table_elements":20000,"instances":64,"host_calls":500,"log_bytes":65536,"request_bytes":1048576,"response_bytes":4194304,"concurrency":64,"requests_per_second":300}}', 1795773716428, '{"at":"2026-11-27T10:01:56.464Z","end":"live","message":null,"usage":{"fuel":247715,"memoryBytes":262144,"hostCalls":15,"activeTimeMs":1}}', 2);
INSERT INTO public.attempts OVERRIDING SYSTEM VALUE VALUES (3, '01a21c74-5804-7000-b9c1-1196f435b5e8', '01a21c74-57ff-7001-b296-624d5a178d91', '01a21c74-3def-7000-bd4f-ef3696bb49d7', 'instagram', '3c071ff661c954e002a41f8e79ae2131fe34a540b8307a2731673b5e98c8dcdc', 1, '{"idempotencyKey":"01a21c74-57ff-7001-b296-624d5a178d91-1","event":"01a21c74-57fc-7000-8855-7d3764a865dd","content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"options":{"shareToFeed":true},"settings":{"apiHost":"graph.facebook.com","apiVersion":"v26.0","igUserId":"17841400000000001","readLagSeconds":6},"limits":{"fuel":500000000,"active_time_ms":120000,"memory_bytes":33554432,"table_elements":20000,"instances":64,"host_calls":500,"log_bytes":65536,"request_bytes":1048576,"response_bytes":4194304,"concurrency":64,"requests_per_second":100}}', 1795773716484, '{"at":"2026-11-27T10:01:56.498Z","end":"unauthorized","message":"[ko] 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.\n[en] The connection to Instagram has ended, or it may not publish. Connect again.\n[op] Instagram: Application does not have permission (code 10)","usage":{"fuel":128663,"memoryBytes":262144,"hostCalls":5,"activeTimeMs":0}}', 2);
INSERT INTO public.attempts OVERRIDING SYSTEM VALUE VALUES (4, '01a21c74-5832-7000-bac4-fc30163ce77c', '01a21c74-582d-7001-ba6e-eb73c9fd5bfa', '01a21c74-3e20-7000-9783-0df9ea21decc', 'slow', '{slow}', 1, '{"idempotencyKey":"01a21c74-582d-7001-ba6e-eb73c9fd5bfa-1","event":"01a21c74-581f-7000-8faa-37e58296017c","content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"options":{"accepted":true,"sleepMs":3000000,"times":1},"settings":{},"limits":{"fuel":1000000000,"active_time_ms":120000,"memory_bytes":67108864,"table_elements":20000,"instances":64,"host_calls":1000,"log_bytes":65536,"request_bytes":1048576,"response_bytes":4194304,"concurrency":256,"requests_per_second":300}}', 1795773716530, NULL, 1);
INSERT INTO public.audit VALUES ('01a21c74-578f-7000-9bcd-767603901e30', 1795773716367, 'shop-1', 'owner', 'connect-account', 'shop-1', NULL, NULL, 'instagram', 'accessToken');
INSERT INTO public.audit VALUES ('01a21c74-579e-7000-a886-373d6c7cd86c', 1795773716382, 'shop-1', 'owner', 'connect-account', 'shop-1', NULL, NULL, 'kakao-channel', 'secretKey');
INSERT INTO public.audit VALUES ('01a21c74-57a3-7000-bdb7-83f9383ad424', 1795773716387, 'shop-1', 'owner', 'connect-account', 'shop-1', NULL, NULL, 'naver-blog', NULL);
INSERT INTO public.audit VALUES ('01a21c74-57ab-7000-bf1c-4473927296ab', 1795773716395, 'shop-1', 'owner', 'connect-account', 'shop-1', NULL, NULL, 'slow', NULL);
INSERT INTO public.audit VALUES ('01a21c74-57b7-7003-9c5c-ad7514f393a9', 1795773716407, 'shop-1', 'owner', 'publish', 'shop-1', '01a21c74-3da3-7000-8533-c5c8691c4abf', '01a21c74-3da6-7000-bafe-db284923713f', NULL, 'kakao-channel naver-blog');
INSERT INTO public.audit VALUES ('01a21c74-57ff-7002-a5c2-3c18b899de03', 1795773716479, 'shop-1', 'owner', 'publish', 'shop-1', '01a21c74-57fc-7000-8855-7d3764a865dd', '01a21c74-3def-7000-bd4f-ef3696bb49d7', NULL, 'instagram');
INSERT INTO public.audit VALUES ('01a21c74-582d-7002-a4a5-dac2495ac070', 1795773716525, 'shop-1', 'owner', 'publish', 'shop-1', '01a21c74-581f-7000-8faa-37e58296017c', '01a21c74-3e20-7000-9783-0df9ea21decc', NULL, 'slow');
INSERT INTO public.audit VALUES ('01a21c74-585e-7000-8687-d05953683712', 1795773716574, 'shop-1', 'owner', 'schedule', 'shop-1', '01a21c74-5853-7000-8aa1-c6b8d4fa37c4', NULL, NULL, '2100-01-01T00:00:00Z');
INSERT INTO public.deliveries OVERRIDING SYSTEM VALUE VALUES (2, '01a21c74-57b7-7002-9908-6537163b40c9', '01a21c74-3da6-7000-bafe-db284923713f', '01a21c74-3da3-7000-8533-c5c8691c4abf', 'shop-1', 'naver-blog', 'ACTION_REQUIRED', 1, 1, 1, '016fb7b44011acbd2326b7bc3b193108e3186fbb433c04514c10d48706aa95eb', '{"externalId":null,"url":null,"estimatedReach":null}', '[]', '{"instructions":"[ko] 1. 네이버에 로그인하고 글쓰기 화면을 열어 주세요: https://blog.naver.com/sandbox-shop/postwrite\n2. title.txt를 복사해 제목에 붙여 넣어 주세요.\n3. post.html을 브라우저로 열어 모두 선택하고 복사한 다음 본문에 붙여 넣어 주세요. 모양이 깨지면 post.txt를 대신 붙여 넣어 주세요.\n4. 사진 1장이 순서대로 보이는지 확인해 주세요. 보이지 않으면 images.json의 주소에서 내려받아 순서대로 올리고, 설명을 적어 주세요.\n5. 발행 화면의 태그 칸에 tags.txt를 붙여 넣어 주세요.\n6. 공개 설정이 전체공개인지 확인하고 발행해 주세요.\n7. 올린 글의 주소(https://blog.naver.com/sandbox-shop/ 뒤에 숫자)를 복사해 여기에서 확인해 주세요. 주소를 확인해야 게시가 끝납니다.\n[en] 1. Log in to Naver and open the page for writing: https://blog.naver.com/sandbox-shop/postwrite\n2. Copy title.txt and paste it as the title.\n3. Open post.html in a browser, select and copy all of it, and paste it as the body. If it looks broken, paste post.txt instead.\n4. See that all pictures (1) are there in their order. If not, download them from the addresses in images.json, upload them in that order and add their descriptions.\n5. Paste tags.txt into the field for tags (태그) of the publishing panel.\n6. See that everybody may read it (전체공개), and publish it.\n7. Copy the address of the post (https://blog.naver.com/sandbox-shop/ and a number) and confirm it here. It counts as published once the address is confirmed.","prepared":[{"name":"title.txt","mimeType":"text/plain","data":"eab080ec9d8420eb8ba8eab3a820eab090ec82ac20ec9db4ebb2a4ed8ab8"},{"name":"post.html","mimeType":"text/html","data":"3c21646f63747970652068746d6c3e0a3c68746d6c206c616e673d226b6f223e0a3c686561643e0a3c6d65746120636861727365743d227574662d38223e0a3c7469746c653eeab080ec9d8420eb8ba8eab3a820eab090ec82ac20ec9db4ebb2a4ed8ab83c2f7469746c653e0a3c2f686561643e0a3c626f64793e0a3c6669677572653e0a3c696d67207372633d2268747470733a2f2f73686f702e6578616d706c652f617574756d6e2e6a70672220616c743d22eab5adebb0a520ed959c20eab7b8eba687223e0a3c66696763617074696f6e3eeab5adebb0a520ed959c20eab7b8eba6873c2f66696763617074696f6e3e0a3c2f6669677572653e0a3c703eec9db4ebb28820eca3bceba79020eca08420eba994eb89b42032302520ed95a0ec9db83c2f703e0a3c68333eeab8b0eab0843c2f68333e0a3c703e32303236eb8584203131ec9b94203237ec9dbc2031383a3030ebb680ed84b02032303237eb8584203132ec9b94203131ec9dbc2031383a3030eab98ceca7803c2f703e0a3c68333eec9e90ec84b8ed9e8820ebb3b4eab8b03c2f68333e0a3c703e3c6120687265663d2268747470733a2f2f73686f702e6578616d706c652f617574756d6e223e68747470733a2f2f73686f702e6578616d706c652f617574756d6e3c2f613e3c2f703e0a3c703e23eab080ec9d842023ed95a0ec9db83c2f703e0a3c2f626f64793e0a3c2f68746d6c3e0a"},{"name":"post.txt","mimeType":"text/plain","data":"ec9db4ebb28820eca3bceba79020eca08420eba994eb89b42032302520ed95a0ec9db80a0aeab8b0eab0843a2032303236eb8584203131ec9b94203237ec9dbc2031383a3030ebb680ed84b02032303237eb8584203132ec9b94203131ec9dbc2031383a3030eab98ceca7800a0aec9e90ec84b8ed9e8820ebb3b4eab8b03a2068747470733a2f2f73686f702e6578616d706c652f617574756d6e0a0a23eab080ec9d842023ed95a0ec9db80a"},{"name":"images.json","mimeType":"application/json","data":"5b0a20207b0a20202020226f72646572223a20312c0a202020202275726c223a202268747470733a2f2f73686f702e6578616d706c652f617574756d6e2e6a7067222c0a2020202022616c7454657874223a2022eab5adebb0a520ed959c20eab7b8eba687222c0a202020202266696c654e616d65223a202230312e6a7067220a20207d0a5d"},{"name":"tags.txt","mimeType":"text/plain","data":"eab080ec9d842ced95a0ec9db8"}]}', '[ko] 1. 네이버에 로그인하고 글쓰기 화면을 열어 주세요: https://blog.naver.com/sandbox-shop/postwrite
2. title.txt를 복사해 제목에 붙여 넣어 주세요.
3. post.html을 브라우저로 열어 모두 선택하고 복사한 다음 본문에 붙여 넣어 주세요. 모양이 깨지면 post.txt를 대신 붙여 넣어 주세요.
4. 사진 1장이 순서대로 보이는지 확인해 주세요. 보이지 않으면 images.json의 주소에서 내려받아 순서대로 올리고, 설명을 적어 주세요.
5. 발행 화면의 태그 칸에 tags.txt를 붙여 넣어 주세요.
6. 공개 설정이 전체공개인지 확인하고 발행해 주세요.
7. 올린 글의 주소(https://blog.naver.com/sandbox-shop/ 뒤에 숫자)를 복사해 여기에서 확인해 주세요. 주소를 확인해야 게시가 끝납니다.
[en] 1. Log in to Naver and open the page for writing: https://blog.naver.com/sandbox-shop/postwrite
2. Copy title.txt and paste it as the title.
3. Open post.html in a browser, select and copy all of it, and paste it as the body. If it looks broken, paste post.txt instead.
4. See that all pictures (1) are there in their order. If not, download them from the addresses in images.json, upload them in that order and add their descriptions.
5. Paste tags.txt into the field for tags (태그) of the publishing panel.
6. See that everybody may read it (전체공개), and publish it.
7. Copy the address of the post (https://blog.naver.com/sandbox-shop/ and a number) and confirm it here. It counts as published once the address is confirmed.', NULL, 0, 1795773716407, 1795773716451, 3, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.deliveries OVERRIDING SYSTEM VALUE VALUES (1, '01a21c74-57b7-7001-be94-40175dfa3d75', '01a21c74-3da6-7000-bafe-db284923713f', '01a21c74-3da3-7000-8533-c5c8691c4abf', 'shop-1', 'kakao-channel', 'LIVE', 1, 1, 1, '8c6ae952d4d946fdd95d15f7b64d3e7701f8cd97227c20a819e2eb92c8f718cb', '{"externalId":"2026112719015300000","url":"https://pf.kakao.com/_sandbox","estimatedReach":2}', '[]', NULL, NULL, NULL, 1, 1795773716407, 1795773716464, 3, NULL, NULL, NULL, 0, NULL, NULL, '2026112719015300000');
INSERT INTO public.deliveries OVERRIDING SYSTEM VALUE VALUES (3, '01a21c74-57ff-7001-b296-624d5a178d91', '01a21c74-3def-7000-bd4f-ef3696bb49d7', '01a21c74-57fc-7000-8855-7d3764a865dd', 'shop-1', 'instagram', 'FAILED', 1, 1, 1, '3c071ff661c954e002a41f8e79ae2131fe34a540b8307a2731673b5e98c8dcdc', '{"externalId":null,"url":null,"estimatedReach":null}', '[{"severity":"error","at":"/accounts/instagram","message":"[ko] 계정을 다시 연결해 주세요. 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.\n[en] Connect the account again. The connection to Instagram has ended, or it may not publish. Connect again.\n[op] Instagram: Application does not have permission (code 10)"}]', NULL, '[ko] 계정을 다시 연결해 주세요. 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.
[en] Connect the account again. The connection to Instagram has ended, or it may not publish. Connect again.
[op] Instagram: Application does not have permission (code 10)', NULL, 0, 1795773716479, 1795773716499, 3, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.deliveries OVERRIDING SYSTEM VALUE VALUES (4, '01a21c74-582d-7001-ba6e-eb73c9fd5bfa', '01a21c74-3e20-7000-9783-0df9ea21decc', '01a21c74-581f-7000-8faa-37e58296017c', 'shop-1', 'slow', 'ACCEPTED', 1, 1, 1, '{slow}', '{"externalId":null,"url":null,"estimatedReach":null}', '[]', NULL, 'under review', 1767225600000, 0, 1795773716525, 1795773716544, 4, '01a21c74-5832-7000-bac4-fc30163ce77c', NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.delivery_changes VALUES ('01a21c74-57b7-7001-be94-40175dfa3d75', 1, 1795773716407, '{"channel":"kakao-channel","status":"PENDING","generation":1,"attempts":0,"receipt":{"externalId":null,"url":null,"estimatedReach":null}}');
INSERT INTO public.delivery_changes VALUES ('01a21c74-57b7-7002-9908-6537163b40c9', 1, 1795773716407, '{"channel":"naver-blog","status":"PENDING","generation":1,"attempts":0,"receipt":{"externalId":null,"url":null,"estimatedReach":null}}');
INSERT INTO public.delivery_changes VALUES ('01a21c74-57b7-7002-9908-6537163b40c9', 2, 1795773716425, '{"channel":"naver-blog","status":"RUNNING","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null}}');
INSERT INTO public.delivery_changes VALUES ('01a21c74-57b7-7001-be94-40175dfa3d75', 2, 1795773716428, '{"channel":"kakao-channel","status":"RUNNING","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null}}');
INSERT INTO public.delivery_changes VALUES ('01a21c74-57b7-7002-9908-6537163b40c9', 3, 1795773716451, '{"channel":"naver-blog","status":"ACTION_REQUIRED","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"message":"[ko] 1. 네이버에 로그인하고 글쓰기 화면을 열어 주세요: https://blog.naver.com/sandbox-shop/postwrite\n2. title.txt를 복사해 제목에 붙여 넣어 주세요.\n3. post.html을 브라우저로 열어 모두 선택하고 복사한 다음 본문에 붙여 넣어 주세요. 모양이 깨지면 post.txt를 대신 붙여 넣어 주세요.\n4. 사진 1장이 순서대로 보이는지 확인해 주세요. 보이지 않으면 images.json의 주소에서 내려받아 순서대로 올리고, 설명을 적어 주세요.\n5. 발행 화면의 태그 칸에 tags.txt를 붙여 넣어 주세요.\n6. 공개 설정이 전체공개인지 확인하고 발행해 주세요.\n7. 올린 글의 주소(https://blog.naver.com/sandbox-shop/ 뒤에 숫자)를 복사해 여기에서 확인해 주세요. 주소를 확인해야 게시가 끝납니다.\n[en] 1. Log in to Naver and open the page for writing: https://blog.naver.com/sandbox-shop/postwrite\n2. Copy title.txt and paste it as the title.\n3. Open post.html in a browser, select and copy all of it, and paste it as the body. If it looks broken, paste post.txt instead.\n4. See that all pictures (1) are there in their order. If not, download them from the addresses in images.json, upload them in that order and add their descriptions.\n5. Paste tags.txt into the field for tags (태그) of the publishing panel.\n6. See that everybody may read it (전체공개), and publish it.\n7. Copy the address of the post (https://blog.naver.com/sandbox-shop/ and a number) and confirm it here. It counts as published once the address is confirmed."}');
INSERT INTO public.delivery_changes VALUES ('01a21c74-57b7-7001-be94-40175dfa3d75', 3, 1795773716464, '{"channel":"kakao-channel","status":"LIVE","generation":1,"attempts":1,"receipt":{"externalId":"2026112719015300000","url":"https://pf.kakao.com/_sandbox","estimatedReach":2}}');
INSERT INTO public.delivery_changes VALUES ('01a21c74-57ff-7001-b296-624d5a178d91', 1, 1795773716479, '{"channel":"instagram","status":"PENDING","generation":1,"attempts":0,"receipt":{"externalId":null,"url":null,"estimatedReach":null}}');
INSERT INTO public.delivery_changes VALUES ('01a21c74-57ff-7001-b296-624d5a178d91', 2, 1795773716484, '{"channel":"instagram","status":"RUNNING","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null}}');
INSERT INTO public.delivery_changes VALUES ('01a21c74-57ff-7001-b296-624d5a178d91', 3, 1795773716499, '{"channel":"instagram","status":"FAILED","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"findings":[{"severity":"error","at":"/accounts/instagram","message":"[ko] 계정을 다시 연결해 주세요. 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.\n[en] Connect the account again. The connection to Instagram has ended, or it may not publish. Connect again.\n[op] Instagram: Application does not have permission (code 10)"}],"message":"[ko] 계정을 다시 연결해 주세요. 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.\n[en] Connect the account again. The connection to Instagram has ended, or it may not publish. Connect again.\n[op] Instagram: Application does not have permission (code 10)"}');
INSERT INTO public.delivery_changes VALUES ('01a21c74-582d-7001-ba6e-eb73c9fd5bfa', 1, 1795773716525, '{"channel":"slow","status":"PENDING","generation":1,"attempts":0,"receipt":{"externalId":null,"url":null,"estimatedReach":null}}');
INSERT INTO public.delivery_changes VALUES ('01a21c74-582d-7001-ba6e-eb73c9fd5bfa', 2, 1795773716530, '{"channel":"slow","status":"RUNNING","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null}}');
INSERT INTO public.delivery_changes VALUES ('01a21c74-582d-7001-ba6e-eb73c9fd5bfa', 3, 1795773716538, '{"channel":"slow","status":"ACCEPTED","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"message":"under review"}');
INSERT INTO public.delivery_changes VALUES ('01a21c74-582d-7001-ba6e-eb73c9fd5bfa', 4, 1795773716544, '{"channel":"slow","status":"ACCEPTED","generation":1,"attempts":1,"receipt":{"externalId":null,"url":null,"estimatedReach":null},"message":"under review","nextAttemptAt":"2026-01-01T00:00:00Z"}');
INSERT INTO public.distributions VALUES ('01a21c74-3da6-7000-bafe-db284923713f', '01a21c74-3da3-7000-8533-c5c8691c4abf', 'shop-1', 1795773716407, 1795773716464, 3);
INSERT INTO public.distributions VALUES ('01a21c74-3def-7000-bd4f-ef3696bb49d7', '01a21c74-57fc-7000-8855-7d3764a865dd', 'shop-1', 1795773716479, 1795773716499, 2);
INSERT INTO public.distributions VALUES ('01a21c74-3e20-7000-9783-0df9ea21decc', '01a21c74-581f-7000-8faa-37e58296017c', 'shop-1', 1795773716525, NULL, 1);
INSERT INTO public.events VALUES ('01a21c74-581f-7000-8faa-37e58296017c', 'shop-1', '{"title":"단골 감사 가을 할인","objective":"REVISITS","recommendation":{"id":"autumn","title":"가을 단골 감사","summary":"따뜻한 한 그릇"},"content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"channels":["slow"],"channelSettings":{"slow":{"accepted":true,"sleepMs":3000000}}}', 'ACTIVE', 1795773716511, 1795773716538, 1795773716525, 1795773716538, '01a21c74-3e20-7000-9783-0df9ea21decc', NULL, NULL, 4, NULL, NULL);
INSERT INTO public.events VALUES ('01a21c74-3da3-7000-8533-c5c8691c4abf', 'shop-1', '{"title":"단골 감사 가을 할인","objective":"REVISITS","recommendation":{"id":"autumn","title":"가을 단골 감사","summary":"따뜻한 한 그릇"},"content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"channels":["kakao-channel","naver-blog"],"channelSettings":{}}', 'ACTIVE', 1795773716399, 1795773716464, 1795773716407, 1795773716464, '01a21c74-3da6-7000-bafe-db284923713f', NULL, NULL, 4, NULL, NULL);
INSERT INTO public.events VALUES ('01a21c74-57fc-7000-8855-7d3764a865dd', 'shop-1', '{"title":"단골 감사 가을 할인","objective":"REVISITS","recommendation":{"id":"autumn","title":"가을 단골 감사","summary":"따뜻한 한 그릇"},"content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"channels":["instagram"],"channelSettings":{}}', 'APPROVED', 1795773716476, 1795773716479, 1795773716479, NULL, '01a21c74-3def-7000-bd4f-ef3696bb49d7', NULL, NULL, 3, NULL, NULL);
INSERT INTO public.events VALUES ('01a21c74-5844-7000-bd95-589c0b670506', 'shop-1', '{"title":"단골 감사 가을 할인","objective":"REVISITS","recommendation":{"id":"autumn","title":"가을 단골 감사","summary":"따뜻한 한 그릇"},"content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"channels":["kakao-channel"],"channelSettings":{}}', 'DRAFT', 1795773716548, 1795773716548, NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL);
INSERT INTO public.events VALUES ('01a21c74-5853-7000-8aa1-c6b8d4fa37c4', 'shop-1', '{"title":"단골 감사 가을 할인","objective":"REVISITS","recommendation":{"id":"autumn","title":"가을 단골 감사","summary":"따뜻한 한 그릇"},"content":{"title":"가을 단골 감사 이벤트","body":"이번 주말 전 메뉴 20% 할인","hashtags":["가을","할인"],"link":"https://shop.example/autumn","media":[{"kind":"image","url":"https://shop.example/autumn.jpg","mimeType":"image/jpeg","bytes":400000,"width":1080,"height":1080,"altText":"국밥 한 그릇"}],"period":{"startsAt":"2026-11-27T09:00:00Z","endsAt":"2027-12-11T09:00:00Z"}},"channels":["kakao-channel"],"channelSettings":{}}', 'DRAFT', 1795773716563, 1795773716574, NULL, NULL, NULL, NULL, NULL, 2, '{"publishAt":"2100-01-01T00:00:00Z","channels":null,"problem":null}', 4102444800000);
INSERT INTO public.idempotency_keys VALUES ('shop-1', 'first-publish', 'c26ffb63b071afbdfa2da0fa5c1b9452a30aea2ee38d7738234596d68d7deffe', '01a21c74-3da3-7000-8533-c5c8691c4abf', '{"distribution":"01a21c74-3da6-7000-bafe-db284923713f","ending":"Distributed","event":"01a21c74-3da3-7000-8533-c5c8691c4abf","results":[{"attempts":1,"channel":"kakao-channel","execution_time_ms":1,"findings":[],"message":null,"receipt":{"estimatedReach":2,"externalId":"2026112719015300000","url":"https://pf.kakao.com/_sandbox"},"release":"8c6ae952d4d946fdd95d15f7b64d3e7701f8cd97227c20a819e2eb92c8f718cb","status":"LIVE"},{"attempts":1,"channel":"naver-blog","execution_time_ms":0,"findings":[],"message":"[ko] 1. 네이버에 로그인하고 글쓰기 화면을 열어 주세요: https://blog.naver.com/sandbox-shop/postwrite\n2. title.txt를 복사해 제목에 붙여 넣어 주세요.\n3. post.html을 브라우저로 열어 모두 선택하고 복사한 다음 본문에 붙여 넣어 주세요. 모양이 깨지면 post.txt를 대신 붙여 넣어 주세요.\n4. 사진 1장이 순서대로 보이는지 확인해 주세요. 보이지 않으면 images.json의 주소에서 내려받아 순서대로 올리고, 설명을 적어 주세요.\n5. 발행 화면의 태그 칸에 tags.txt를 붙여 넣어 주세요.\n6. 공개 설정이 전체공개인지 확인하고 발행해 주세요.\n7. 올린 글의 주소(https://blog.naver.com/sandbox-shop/ 뒤에 숫자)를 복사해 여기에서 확인해 주세요. 주소를 확인해야 게시가 끝납니다.\n[en] 1. Log in to Naver and open the page for writing: https://blog.naver.com/sandbox-shop/postwrite\n2. Copy title.txt and paste it as the title.\n3. Open post.html in a browser, select and copy all of it, and paste it as the body. If it looks broken, paste post.txt instead.\n4. See that all pictures (1) are there in their order. If not, download them from the addresses in images.json, upload them in that order and add their descriptions.\n5. Paste tags.txt into the field for tags (태그) of the publishing panel.\n6. See that everybody may read it (전체공개), and publish it.\n7. Copy the address of the post (https://blog.naver.com/sandbox-shop/ and a number) and confirm it here. It counts as published once the address is confirmed.","receipt":{"estimatedReach":null,"externalId":null,"url":null},"release":"016fb7b44011acbd2326b7bc3b193108e3186fbb433c04514c10d48706aa95eb","status":"ACTION_REQUIRED"}],"status":"ACTIVE"}', 1795773716406);
INSERT INTO public.idempotency_keys VALUES ('shop-1', 'refused-publish', 'a55391432501500265347677c467023a42fc7a3f6fe79c90f8f543561df9cf4d', '01a21c74-57fc-7000-8855-7d3764a865dd', '{"distribution":"01a21c74-3def-7000-bd4f-ef3696bb49d7","ending":"AllFailed","event":"01a21c74-57fc-7000-8855-7d3764a865dd","results":[{"attempts":1,"channel":"instagram","execution_time_ms":0,"findings":[{"at":"/accounts/instagram","message":"[ko] 계정을 다시 연결해 주세요. 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.\n[en] Connect the account again. The connection to Instagram has ended, or it may not publish. Connect again.\n[op] Instagram: Application does not have permission (code 10)","severity":"error"}],"message":"[ko] 계정을 다시 연결해 주세요. 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.\n[en] Connect the account again. The connection to Instagram has ended, or it may not publish. Connect again.\n[op] Instagram: Application does not have permission (code 10)","receipt":{"estimatedReach":null,"externalId":null,"url":null},"release":"3c071ff661c954e002a41f8e79ae2131fe34a540b8307a2731673b5e98c8dcdc","status":"FAILED"}],"status":"APPROVED"}', 1795773716479);
INSERT INTO public.idempotency_keys VALUES ('shop-1', 'sleeping-publish', 'ed16927d5db98a1429459f6e108b8c1aa5c94c692f7d017356105a08dfbace4b', '01a21c74-581f-7000-8faa-37e58296017c', '{"distribution":"01a21c74-3e20-7000-9783-0df9ea21decc","ending":"Distributed","event":"01a21c74-581f-7000-8faa-37e58296017c","results":[{"attempts":1,"channel":"slow","execution_time_ms":0,"findings":[],"message":"under review","receipt":{"estimatedReach":null,"externalId":null,"url":null},"release":"{slow}","status":"ACCEPTED"}],"status":"ACTIVE"}', 1795773716525);
INSERT INTO public.journal_entries VALUES ('01a21c74-57cc-7000-8e4b-cd2eaefc0f0f', 1, 1795773716451, '\x01ab562a4ecd2b51b28aae56ca4d2dc9c84f51b2520af00f0e51d2512a2dca51b252ca28292928b6d2d7cf4ecc4ecc2f49ccc9d64dcaacca4d2d2e4e4c4fd54b2cc8d4cbcbc84bcec92f4d294e2d2acb4c4ed54bcecfd54f2a4acc4bd185aad22f33d433d04f2c28c84ead2cd62f4ecc4b49caafd04d2c28d0cd4eadd44f2b4a4d2d2ea9cc4985292f56d251ca484d4c492d2a56b28a8e568ad0f573d6750cf0d4f57471f50df00f71f5738ed4f5768d54d25132304c34324c3637d135354f32d735373030d44d4ab534d135313034374d494b344e3137d535548ad589564acecf2b49cd2bd12da92c4855d2514a2c28c8c94c4e2cc9cccfd3cf2acecf538a8dd5514aca4fa954b2aa562a49ad2851b252aa8e01854d4a6a91776a658c92558c52a2619251b2718a49aa699a59a2799245b2658a0136b118259d18a5e48cc412a7d2a4a49cd490ca8254b07e4f5f477757b06441697186634e62516e8c92554951692a483dc4816085af3634bc99dba2f0ba7bc5abcd2b145e6d98f0a6698dc29bb95b5e6f5af2b66b474c4c5e4c4c1e98dba1f066f19ed7cb2728bc59d0a2f07ae594d79d5b148c0c5415de4e5df066ee0eb05599b989e920ebab6394c0ccd0a21cb01db0782dcec82fd04bad48cc2dc849d54f2c2d29cdcdd3cb2a4847e8f5c9cccb26a42346a956274629a9b4a4243faf3806949a6294f2127341f6c628bd9937e14dcb8eb7f33a145e6fdef26ac706b0d1a078009b1aee03e6e764e665fbe68345f0b80cae342099b0d2da589d18a5a2d4e4cc82ccd4bc129fcce212a8cbe0627e100b0d0c0d0c8d8c4d4ccdcc2dc016942416a5a79664e6a583edf00479ae1ac924842ea8264b1cba40f617a7e6a5a416b917e5971664e6a5c3521271093746a956a9564729b928352535af243331079421a079432142373835b928b544d73bb552a118ccf44ead548ad5512a4a2d484d0425e0d2bce2c434506a2fc9cc4dcd2f2d89cf2d56b23236303030a88dad0500');
INSERT INTO public.journal_entries VALUES ('01a21c74-57cc-7000-8e4b-cd2eaefc0f0f', 2, 1795773716463, '\x01ab564acc2b2e4f2d4a4d51b28aae562a4a2d2ec8cf2b4e55b2aa562a2e492c292d56b2323230d051ca484d4c492d2a56b28a8e564acecf2b49cd2bd12da92c4855d2514a2c28c8c94c4e2cc9cccfd3cf2acecf538ad541a8c949cd4b2fc950d251323637024ba424968034b91565ea2818992bf8e597291819189929181a5819185a999a29b8fb8628c5c6ea2825e5a754829c51925a51a264a5541d0375438c9255758c526671706972726a71715a694e8c9255495169aa4e0cc8f9a53925cef929a9314a56067001dfd4e2e2c47490588c5270a8b3b36b70708c52ad4e8c522e5ca21aa4b9b034b5b8c4332546c92a4609e42843432373434b0343536303108851d289512a4ecd4b094a2d2ecd29298e010519485f726641666a5e895f3e58a781a181a191b189a999b9055847512a543e38b53046c9ca10ee2c62dd09761bd40c841d502b2cb1d96144aa1db1509fa516b917e5971664e6a57ba756427d936864986c6ea26b6a9e64ae6b6e6060a89b946a69a26b6260686e9a9296689c626eaa6b18a3545bab545b5b1b5b0b00');
INSERT INTO public.journal_entries VALUES ('01a21c74-5804-7000-b9c1-1196f435b5e8', 1, 1795773716498, '\x007b2273656e74223a5b7b226d6574686f64223a22474554222c2275726c223a2268747470733a2f2f67726170682e66616365626f6f6b2e636f6d2f7632362e302f31373834313430303030303030303030312f636f6e74656e745f7075626c697368696e675f6c696d69743f6669656c64733d71756f74615f7573616765253243636f6e666967222c2263726564656e7469616c73223a5b2262656172657220616363657373546f6b656e225d2c22726570656174223a2273616665222c2274696d656f75745f6d73223a31303030307d5d7d');
INSERT INTO public.journal_entries VALUES ('01a21c74-5804-7000-b9c1-1196f435b5e8', 2, 1795773716498, '\x01ab564acc2b2e4f2d4a4d51b28aae562a4a2d2ec8cf2b4e55b2aa562a2e492c292d56b2323130d051ca484d4c492d2a56b28a8e564acecf2b49cd2bd12da92c4855d2514a2c28c8c94c4e2cc9cccfd3cf2acecf538ad541a8c949cd4b2fc950d251323434044ba424968034b91565ea2818992bf8e597291819189929181a5819185a999a29b8fb8628c5c6ea2825e5a754829c51925a51a264a5541da3945a54945f14a364551da3949c9f921aa3646568a013a39496545294989c1a9f9912a36415a35411a3a413a3949b5a5c9c980e5213a3e48870a0424a7e6ab1425e7e8942466259aa42416a516e667171667e1e5813c8436033fc1d4b4b325c2b92530b40be8a51aaad55aaadad8dad0500');
INSERT INTO public.journal_entries VALUES ('01a21c74-5832-7000-bac4-fc30163ce77c', 1, 1795773716538, '\x007b226163636570746564223a7b2272656365697074223a7b2265787465726e616c4964223a6e756c6c2c2275726c223a6e756c6c2c22657374696d617465645265616368223a6e756c6c7d2c226e6f7465223a22756e64657220726576696577227d7d');
INSERT INTO public.journal_entries VALUES ('01a21c74-5832-7000-bac4-fc30163ce77c', 2, 1795773716542, '\x007b22736c657074223a7b22756e74696c223a22323032362d30312d30315430303a30303a30305a227d7d');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (1, '01a21c74-3da6-7000-bafe-db284923713f', '01a21c74-3da3-7000-8533-c5c8691c4abf', 'event-topic', 'EventCreated', '{"createdAt":"2026-11-27T10:01:56.399Z","eventId":"01a21c74-3da3-7000-8533-c5c8691c4abf","objective":"REVISITS","title":"단골 감사 가을 할인","userId":"shop-1"}', 1795773716407, 1795773716422, '01a21c74-4d0f-7000-93ef-8216a169ae9d', 1795773746407);
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (2, '01a21c74-57f0-7000-9f14-0c5d2ad97fa1', '01a21c74-3da3-7000-8533-c5c8691c4abf', 'distribution-topic', 'DistributionCompleted', '{"channelResults":[{"channel":"kakao-channel","estimatedReach":2,"externalId":"2026112719015300000","message":null,"status":"LIVE","url":"https://pf.kakao.com/_sandbox"},{"channel":"naver-blog","estimatedReach":null,"externalId":null,"message":"1. 네이버에 로그인하고 글쓰기 화면을 열어 주세요: https://blog.naver.com/sandbox-shop/postwrite\n2. title.txt를 복사해 제목에 붙여 넣어 주세요.\n3. post.html을 브라우저로 열어 모두 선택하고 복사한 다음 본문에 붙여 넣어 주세요. 모양이 깨지면 post.txt를 대신 붙여 넣어 주세요.\n4. 사진 1장이 순서대로 보이는지 확인해 주세요. 보이지 않으면 images.json의 주소에서 내려받아 순서대로 올리고, 설명을 적어 주세요.\n5. 발행 화면의 태그 칸에 tags.txt를 붙여 넣어 주세요.\n6. 공개 설정이 전체공개인지 확인하고 발행해 주세요.\n7. 올린 글의 주소(https://blog.naver.com/sandbox-shop/ 뒤에 숫자)를 복사해 여기에서 확인해 주세요. 주소를 확인해야 게시가 끝납니다.","status":"ACTION_REQUIRED","url":null}],"completedAt":"2026-11-27T10:01:56.464Z","distributionId":"01a21c74-3da6-7000-bafe-db284923713f","eventId":"01a21c74-3da3-7000-8533-c5c8691c4abf"}', 1795773716464, 1795773716470, '01a21c74-4d0f-7000-93ef-8216a169ae9d', 1795773746464);
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (3, '01a21c74-3def-7000-bd4f-ef3696bb49d7', '01a21c74-57fc-7000-8855-7d3764a865dd', 'event-topic', 'EventCreated', '{"createdAt":"2026-11-27T10:01:56.476Z","eventId":"01a21c74-57fc-7000-8855-7d3764a865dd","objective":"REVISITS","title":"단골 감사 가을 할인","userId":"shop-1"}', 1795773716479, 1795773716483, '01a21c74-4d0f-7000-93ef-8216a169ae9d', 1795773746479);
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (4, '01a21c74-5813-7000-9655-807eb05d8e92', '01a21c74-57fc-7000-8855-7d3764a865dd', 'distribution-topic', 'DistributionCompleted', '{"channelResults":[{"channel":"instagram","estimatedReach":null,"externalId":null,"message":"계정을 다시 연결해 주세요. 인스타그램 연결이 끊겼거나 게시 권한이 없습니다. 다시 연결해 주세요.","status":"FAILED","url":null}],"completedAt":"2026-11-27T10:01:56.499Z","distributionId":"01a21c74-3def-7000-bd4f-ef3696bb49d7","eventId":"01a21c74-57fc-7000-8855-7d3764a865dd"}', 1795773716499, 1795773716506, '01a21c74-4d0f-7000-93ef-8216a169ae9d', 1795773746499);
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (5, '01a21c74-3e20-7000-9783-0df9ea21decc', '01a21c74-581f-7000-8faa-37e58296017c', 'event-topic', 'EventCreated', '{"createdAt":"2026-11-27T10:01:56.511Z","eventId":"01a21c74-581f-7000-8faa-37e58296017c","objective":"REVISITS","title":"단골 감사 가을 할인","userId":"shop-1"}', 1795773716525, NULL, '01a21c74-4d0f-7000-93ef-8216a169ae9d', 1795773746525);
INSERT INTO public.releases OVERRIDING SYSTEM VALUE VALUES (4, 'slow', '{slow}', 'ACTIVE', NULL, 71915, 1795773715819, 1795773715826, 2);
INSERT INTO public.releases OVERRIDING SYSTEM VALUE VALUES (5, 'slow', '{slow_v2}', 'STAGED', NULL, 71920, 1795773716579, NULL, 1);
INSERT INTO public.schema_compatibility VALUES (1);
SELECT pg_catalog.setval('public.attempts_sequence_seq', 4, true);
SELECT pg_catalog.setval('public.deliveries_sequence_seq', 4, true);
SELECT pg_catalog.setval('public.outbox_sequence_seq', 5, true);
SELECT pg_catalog.setval('public.releases_sequence_seq', 5, true);
ALTER TABLE ONLY public._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (owner, channel);
ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.components
    ADD CONSTRAINT components_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_distribution_channel_key UNIQUE (distribution, channel);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.delivery_changes
    ADD CONSTRAINT delivery_changes_pkey PRIMARY KEY (delivery, revision);
ALTER TABLE ONLY public.distributions
    ADD CONSTRAINT distributions_event_key UNIQUE (event);
ALTER TABLE ONLY public.distributions
    ADD CONSTRAINT distributions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (owner, key);
ALTER TABLE ONLY public.journal_entries
    ADD CONSTRAINT journal_entries_pkey PRIMARY KEY (attempt, sequence);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_id_key UNIQUE (id);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (sequence);
ALTER TABLE ONLY public.releases
    ADD CONSTRAINT releases_channel_digest_key UNIQUE (channel, digest);
CREATE INDEX accounts_to_renew ON public.accounts USING btree (renew_at, owner, channel) WHERE (renew_at IS NOT NULL);
CREATE INDEX attempts_by_distribution ON public.attempts USING btree (distribution, sequence);
CREATE INDEX attempts_journaled ON public.attempts USING btree (started_at) WHERE ((ended IS NOT NULL) AND (beginning IS NOT NULL));
CREATE INDEX audit_by_owner ON public.audit USING btree (owner, id);
CREATE INDEX deliveries_claimed ON public.deliveries USING btree (lease_until) WHERE (lease_by IS NOT NULL);
CREATE INDEX deliveries_due ON public.deliveries USING btree (due_at, sequence) WHERE (due_at IS NOT NULL);
CREATE INDEX deliveries_of_account ON public.deliveries USING btree (owner, channel, "left"(external_id, 200));
CREATE INDEX deliveries_orphaned ON public.deliveries USING btree (updated_at) WHERE ((status = ANY (ARRAY['PENDING'::text, 'RUNNING'::text, 'ACCEPTED'::text])) AND (lease_by IS NULL) AND (due_at IS NULL));
CREATE INDEX events_by_owner ON public.events USING btree (owner, id);
CREATE INDEX events_publishing ON public.events USING btree (publishing_until, id) WHERE (publishing_by IS NOT NULL);
CREATE INDEX events_scheduled ON public.events USING btree (publish_at, id) WHERE (publish_at IS NOT NULL);
CREATE INDEX outbox_unsent ON public.outbox USING btree (lease_by, sequence) WHERE (sent_at IS NULL);
CREATE UNIQUE INDEX releases_active ON public.releases USING btree (channel) WHERE (state = 'ACTIVE'::text);
ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_delivery_fkey FOREIGN KEY (delivery) REFERENCES public.deliveries(id);
ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_distribution_fkey FOREIGN KEY (distribution) REFERENCES public.distributions(id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_distribution_fkey FOREIGN KEY (distribution) REFERENCES public.distributions(id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_event_fkey FOREIGN KEY (event) REFERENCES public.events(id);
ALTER TABLE ONLY public.distributions
    ADD CONSTRAINT distributions_event_fkey FOREIGN KEY (event) REFERENCES public.events(id);
ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_event_fkey FOREIGN KEY (event) REFERENCES public.events(id);
