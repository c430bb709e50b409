// SPDX-License-Identifier: Apache-2.0
// Starts the server of Trino 435, whose launcher is not in Maven Central.
// Run as a single source file; it has to stay one statement long.

public class Trino435
{
    public static void main(String[] args)
    {
        new io.trino.server.Server().start("435");
    }
}
