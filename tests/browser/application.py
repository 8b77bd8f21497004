"""An application to which the authorization page sends people back."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue


class Application:
    """An application on this machine that records the requests with which users come back."""

    def __init__(self) -> None:
        self.requests: Queue[str] = Queue()
        requests = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.startswith("/back"):
                    requests.put(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<title>Back</title>")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def redirect_uri(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/back?kept=1"
