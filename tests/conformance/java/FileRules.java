// SPDX-License-Identifier: Apache-2.0
// What Trino's own file-based access control says, in-process: a line on
// standard input is the name of a rule file or a question about the last one,
// a line on standard output the answer: yes, no, or an error.
import io.trino.spi.QueryId;
import io.trino.spi.connector.CatalogSchemaName;
import io.trino.spi.connector.CatalogSchemaRoutineName;
import io.trino.spi.connector.CatalogSchemaTableName;
import io.trino.spi.security.AccessDeniedException;
import io.trino.spi.security.Identity;
import io.trino.spi.security.SystemAccessControl;
import io.trino.spi.security.SystemSecurityContext;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

public final class FileRules {
    private static final QueryId QUERY = new QueryId("q");

    private FileRules() {}

    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err); // libraries talk
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        SystemAccessControl rules = null;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] parts = line.split("\t", -1);
            String answer;
            try {
                if (parts[0].equals("file")) {
                    rules = open(parts[1]);
                    answer = "yes";
                } else {
                    answer = ask(rules, parts) ? "yes" : "no";
                }
            } catch (Exception e) {
                answer = "error " + e.toString().replace('\n', ' ');
            }
            out.println(answer);
        }
    }

    private static SystemAccessControl open(String file) throws Exception {
        Object factory = Class.forName(
                "io.trino.plugin.base.security.FileBasedSystemAccessControl$Factory")
                .getConstructor().newInstance();
        Map<String, String> config = Map.of("security.config-file", file);
        for (Method method : factory.getClass().getMethods()) {
            if (!method.getName().equals("create") || method.isBridge()) {
                continue;
            }
            Object[] given = new Object[method.getParameterCount()];
            given[0] = config;
            try {
                return (SystemAccessControl) method.invoke(factory, given);
            } catch (InvocationTargetException e) {
                throw new Exception(e.getCause());
            }
        }
        throw new IllegalStateException("no create");
    }

    private static Set<String> names(String list) {
        return list.isEmpty() ? Set.of() : new HashSet<>(Arrays.asList(list.split(",")));
    }

    // check, user, groups, roles, the parts of the object, columns
    private static boolean ask(SystemAccessControl rules, String[] p) throws Exception {
        Identity identity = Identity.forUser(p[1]).withGroups(names(p[2]))
                .withEnabledRoles(names(p[3])).build();
        SystemSecurityContext context =
                new SystemSecurityContext(identity, QUERY, Instant.now());
        for (Method method : rules.getClass().getMethods()) {
            if (method.getName().equals(p[0]) && !method.isBridge()) {
                return call(rules, method, identity, context, p);
            }
        }
        throw new IllegalStateException("no check " + p[0]);
    }

    private static boolean call(SystemAccessControl rules, Method method, Identity identity,
            SystemSecurityContext context, String[] p) throws Exception {
        Class<?>[] types = method.getParameterTypes();
        Object[] given = new Object[types.length];
        boolean identityUsed = false;
        int next = 4;
        for (int i = 0; i < types.length; i++) {
            if (types[i] == Identity.class) {
                given[i] = identityUsed ? Identity.ofUser(p[next++]) : identity;
                identityUsed = true;
            } else if (types[i] == SystemSecurityContext.class) {
                given[i] = context;
            } else if (types[i] == QueryId.class) {
                given[i] = QUERY;
            } else if (types[i] == String.class) {
                given[i] = p[next++];
            } else if (types[i] == CatalogSchemaName.class) {
                given[i] = new CatalogSchemaName(p[4], p[5]);
                next = 6;
            } else if (types[i] == CatalogSchemaTableName.class) {
                given[i] = new CatalogSchemaTableName(p[4], p[5], p[6]);
                next = 7;
            } else if (types[i] == CatalogSchemaRoutineName.class) {
                given[i] = new CatalogSchemaRoutineName(p[4], p[5], p[6]);
                next = 7;
            } else if (types[i] == Set.class) {
                given[i] = names(p[next++]);
            } else if (types[i] == Map.class) {
                given[i] = Map.of();
            } else {
                throw new IllegalStateException(method.toString());
            }
        }
        try {
            Object answer = method.invoke(rules, given);
            return answer == null || answer.equals(true);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof AccessDeniedException) {
                return false;
            }
            throw new Exception(e.getCause());
        }
    }
}
