# SPDX-License-Identifier: Apache-2.0
"""A client of the admin API, for tests."""

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.text = body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def etag(self):
        return self.headers["ETag"]

    def __repr__(self):
        return f"{self.status} {self.text}"


class Api:
    """One token at one gateway."""

    def __init__(self, gateway, token=None, ca=None):
        scheme = "https" if ca else "http"
        self.url = f"{scheme}://127.0.0.1:{gateway.admin_port}/api/v1"
        self.token = token
        handlers = [urllib.request.ProxyHandler({})]
        if ca:
            context = ssl.create_default_context(cafile=str(ca))
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self._opener = urllib.request.build_opener(*handlers)

    def call(self, method, path, body=None, headers=None, **query):
        url = self.url + path
        if query:
            url += "?" + urllib.parse.urlencode(query)
        sent = dict(headers or {})
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(
            url, data=body, headers=sent, method=method
        )
        try:
            with self._opener.open(request, timeout=60) as reply:
                return Answer(reply.status, reply.headers, reply.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def get(self, path, **query):
        return self.call("GET", path, **query)

    def put(self, path, body, headers=None, **query):
        return self.call("PUT", path, body, headers, **query)

    def post(self, path, body, headers=None, **query):
        return self.call("POST", path, body, headers, **query)

    def patch(self, path, body, headers=None, **query):
        return self.call("PATCH", path, body, headers, **query)

    def delete(self, path, headers=None, **query):
        return self.call("DELETE", path, None, headers, **query)

    def pages(self, path, **query):
        """All items of a listing, and how many pages they came in."""
        items, pages, cursor = [], 0, None
        while True:
            if cursor:
                query["cursor"] = cursor
            answer = self.get(path, **query)
            assert answer.status == 200, answer
            items += answer.json["items"]
            pages += 1
            cursor = answer.json.get("next")
            if not cursor:
                return items, pages
