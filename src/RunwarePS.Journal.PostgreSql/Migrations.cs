using System.Globalization;
using Npgsql;

namespace RunwarePS.Journal.PostgreSql;

/// <summary>
/// The schema of a journal, in numbered steps. Each has the lowest version that can still use it: an earlier version of this module
/// continues to work until a step excludes it.
/// </summary>
internal static class Migrations
{
    /// <summary>The schema that this version reads and writes.</summary>
    public const int Version = 1;

    // Any number: all processes that migrate a journal take the same lock.
    private const long Lock = 0x52756E77617265;

    /// <summary>Each step: its version, and the lowest version that can use the schema after it.</summary>
    private static readonly (int Version, int MinClient)[] s_steps = [(1, 1)];

    /// <summary>The SQL that brings a schema to this version.</summary>
    public static string Script(string schema, int from) =>
        string.Concat(s_steps.Where(s => s.Version > from).Select(s => Step(schema, s)));

    /// <summary>The SQL that lets a role work with the journal, and nothing more.</summary>
    public static string Grants(string schema, string role) => string.Create(CultureInfo.InvariantCulture,
        $"""
        GRANT USAGE ON SCHEMA {Sql.Name(schema)} TO {Sql.Name(role)};
        GRANT SELECT ON ALL TABLES IN SCHEMA {Sql.Name(schema)} TO {Sql.Name(role)};
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {Sql.Name(schema)} TO {Sql.Name(role)};

        """);

    /// <summary>The version of the schema and the lowest version that can use it; 0 if the journal doesn't exist.</summary>
    public static async Task<(int Version, int MinClient)> VersionAsync(
        NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        // Not by to_regclass: it may not see what another session committed since this transaction began.
        await using var find = new NpgsqlCommand(
            """
            SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = $1 AND c.relname = 'schema_version')
            """,
            connection)
        { Parameters = { new() { Value = schema } } };
        if (await find.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not true)
        {
            return (0, 0);
        }

        await using var read = new NpgsqlCommand(
            $"SELECT version, min_client FROM {Sql.Name(schema)}.schema_version ORDER BY version DESC LIMIT 1", connection);
        await using var row = await read.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await row.ReadAsync(cancellationToken).ConfigureAwait(false) ? (row.GetInt32(0), row.GetInt32(1)) : (0, 0);
    }

    /// <summary>Brings a schema to this version. Of many processes that try at once, one does the work.</summary>
    public static async Task MigrateAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await ExecuteAsync("SET LOCAL lock_timeout = '10s'; SET LOCAL client_min_messages = warning").ConfigureAwait(false);
        await ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock({Lock})")).ConfigureAwait(false);

        // Only now: another process may have done the work.
        var (version, _) = await VersionAsync(connection, schema, cancellationToken).ConfigureAwait(false);
        if (version < Version)
        {
            await using var find = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", connection)
            { Parameters = { new() { Value = schema } } };
            if (await find.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is false)
            {
                await ExecuteAsync($"CREATE SCHEMA {Sql.Name(schema)}").ConfigureAwait(false);
            }

            await ExecuteAsync(Script(schema, version)).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static string Step(string schema, (int Version, int MinClient) step)
    {
        using var text = new StreamReader(typeof(Migrations).Assembly.GetManifestResourceStream(
            string.Create(CultureInfo.InvariantCulture, $"RunwarePS.Journal.{step.Version}.sql"))!);
        return text.ReadToEnd().Replace("{schema}", Sql.Name(schema), StringComparison.Ordinal) + string.Create(
            CultureInfo.InvariantCulture,
            $"\nINSERT INTO {Sql.Name(schema)}.schema_version (version, min_client) VALUES ({step.Version}, {step.MinClient});\n");
    }
}
