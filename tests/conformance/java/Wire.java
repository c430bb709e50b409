// SPDX-License-Identifier: Apache-2.0
//
// The smallest client: runs a statement on an engine and throws its error.
// Keeps the transaction that a statement started until one ends it.

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

final class Wire {
    static final class Refused extends Exception {
        Refused(String text) {
            super(text);
        }
    }

    private static final String NO_TRANSACTION = "NONE";

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI server;
    private final String prefix; // of headers
    private String transaction = NO_TRANSACTION;

    Wire(URI server, String prefix) {
        this.server = server;
        this.prefix = prefix;
    }

    // prepared: the text of prepared statement p.
    void run(String user, String catalog, String schema, String sql, Optional<String> prepared) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve("/v1/statement"))
                .header(prefix + "User", user)
                .header(prefix + "Catalog", catalog)
                .header(prefix + "Schema", schema)
                .header(prefix + "Transaction-Id", transaction)
                .header(prefix + "Client-Capabilities", "PATH,PARAMETRIC_DATETIME,SESSION_AUTHORIZATION");
        prepared.ifPresent(text -> request.header(prefix + "Prepared-Statement", "p=" + URLEncoder.encode(text, StandardCharsets.UTF_8)));
        Map<?, ?> page = send(request.POST(HttpRequest.BodyPublishers.ofString(sql)).build());
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
        response.headers().firstValue(prefix + "Started-Transaction-Id").ifPresent(id -> transaction = id);
        response.headers().firstValue(prefix + "Clear-Transaction-Id").ifPresent(yes -> transaction = NO_TRANSACTION);
        return Recorder.parse(response.body());
    }
}
