// SPDX-License-Identifier: Apache-2.0
//
// The smallest client: runs a statement on an engine and throws its error.

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;

final class Wire {
    static final class Refused extends Exception {
        Refused(String text) {
            super(text);
        }
    }

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI server;
    private final String prefix; // of headers

    Wire(URI server, String prefix) {
        this.server = server;
        this.prefix = prefix;
    }

    void run(String user, String catalog, String schema, String sql) throws Exception {
        Map<?, ?> page = send(HttpRequest.newBuilder(server.resolve("/v1/statement"))
                .header(prefix + "User", user)
                .header(prefix + "Catalog", catalog)
                .header(prefix + "Schema", schema)
                .POST(HttpRequest.BodyPublishers.ofString(sql)).build());
        while (page.get("nextUri") != null) {
            page = send(HttpRequest.newBuilder(URI.create((String) page.get("nextUri")))
                    .header(prefix + "User", user).build());
        }
        if (page.get("error") instanceof Map<?, ?> error) {
            throw new Refused(error.get("errorName") + ": " + error.get("message"));
        }
    }

    private Map<?, ?> send(HttpRequest request) throws Exception {
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new Refused("status " + response.statusCode() + ": " + response.body());
        }
        return Recorder.parse(response.body());
    }
}
