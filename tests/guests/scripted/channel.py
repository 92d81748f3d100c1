from wit_world import exports
from wit_world.imports import http, run, types


class Channel(exports.Channel):
    def check(self, content, options):
        return []

    def distribute(self, job):
        run.log(run.Level.INFO, f"posting {job.content.title}")
        answer = http.send(
            http.Request(
                method=http.Method.POST,
                url="https://shop.example/posts",
                headers=[],
                body=job.content.body.encode(),
                credentials=[],
                repeat=http.Repeat.UNSAFE,
                timeout_ms=None,
            )
        )
        return types.Outcome_Live(types.Receipt(str(answer.status), None, None))
