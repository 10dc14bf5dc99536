using Npgsql;

namespace RunwarePS.Journal.PostgreSql;

/// <summary>Opens journals in PostgreSQL databases.</summary>
internal sealed class PostgreSqlJournalProvider(Options? options = null) : IJournalProvider, IJournalSetup
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private readonly Options _options = options ?? new Options();

    public async Task<IJournalStore> OpenAsync(JournalAddress address, CancellationToken cancellationToken)
    {
        var server = (ServerAddress)address;
        var source = CreateSource(server);
        try
        {
            var state = await ConnectedAsync(
                server, source, connection => StateAsync(connection, server, cancellationToken), cancellationToken).ConfigureAwait(false);
            return new PostgreSqlJournal(source, server, _options, state);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Completion reads only a journal that is open already: a server may be far away.</summary>
    public IReadOnlyJournal? OpenForReading(JournalAddress address) => null;

    public async Task<string> ScriptAsync(ServerAddress address, IReadOnlyCollection<string> roles, CancellationToken cancellationToken)
    {
        await using var source = CreateSource(address);
        var (version, _) = await ConnectedAsync(
            address, source, connection => Migrations.VersionAsync(connection, address.Schema, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        var create = version == 0 ? $"CREATE SCHEMA IF NOT EXISTS {Sql.Name(address.Schema)};\n" : "";
        return $"BEGIN;\n{create}{Migrations.Script(address.Schema, version)}{Grants(address, roles)}COMMIT;";
    }

    public async Task ApplyAsync(ServerAddress address, IReadOnlyCollection<string> roles, CancellationToken cancellationToken)
    {
        await using var source = CreateSource(address);
        await ConnectedAsync(
            address, source,
            async connection =>
            {
                await StateAsync(connection, address, cancellationToken).ConfigureAwait(false);
                await using var grant = new NpgsqlCommand(Grants(address, roles) + "SELECT 1", connection);
                return await grant.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static string Grants(ServerAddress address, IEnumerable<string> roles) =>
        string.Concat(roles.Select(role => Migrations.Grants(address.Schema, role)));

    private static NpgsqlDataSource CreateSource(ServerAddress address)
    {
        try
        {
            return DataSources.Create(address);
        }
        catch (ArgumentException e)
        {
            throw Failures.Unavailable(address, e);
        }
    }

    private async Task<T> ConnectedAsync<T>(
        ServerAddress address, NpgsqlDataSource source, Func<NpgsqlConnection, Task<T>> use, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await ConnectAsync(source, cancellationToken).ConfigureAwait(false);
            return await use(connection).ConfigureAwait(false);
        }
        catch (Exception e) when (Failures.IsKnown(e))
        {
            throw Failures.Unavailable(address, e);
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var startedAt = _options.Time.GetTimestamp();
        while (true)
        {
            try
            {
                return await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (Failures.IsTransient(e) && !Failures.IsMisconfigured(e)
                && _options.Time.GetElapsedTime(startedAt) < _options.OpenTimeout)
            {
                await Task.Delay(s_pause, _options.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<ServerState> StateAsync(
        NpgsqlConnection connection, ServerAddress address, CancellationToken cancellationToken)
    {
        var (role, isReadOnly, isAsynchronous, offset) = await SettingsAsync(connection, cancellationToken).ConfigureAwait(false);
        if (isReadOnly)
        {
            throw Failures.Unavailable(address, Strings.JournalServerReadOnly);
        }

        var action = Strings.JournalServerUse;
        try
        {
            var (version, minClient) = await Migrations.VersionAsync(connection, address.Schema, cancellationToken).ConfigureAwait(false);
            if (minClient > Migrations.Version)
            {
                throw Failures.Unavailable(address, Strings.JournalServerVersion.With(version, Migrations.Version));
            }

            if (version < Migrations.Version)
            {
                action = version == 0 ? Strings.JournalServerCreate : Strings.JournalServerUpgrade;
                await Migrations.MigrateAsync(connection, address.Schema, cancellationToken).ConfigureAwait(false);
                version = Migrations.Version;
            }

            return new ServerState(
                version, await SaltAsync(connection, address, cancellationToken).ConfigureAwait(false), role, isAsynchronous, offset);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            var url = address.Schema == ServerAddress.DefaultSchema ? $"{address}" : $"{address}?schema={address.Schema}";
            throw Failures.Unavailable(address, Strings.JournalServerMigration.With(role, action, address.Schema, url));
        }
    }

    private static async Task<(string Role, bool IsReadOnly, bool IsAsynchronous, TimeSpan ClockOffset)> SettingsAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand(
            """
            SELECT current_user::text, current_setting('transaction_read_only') = 'on', current_setting('synchronous_commit') = 'off',
                clock_timestamp()
            """,
            connection);
        await read.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false); // the first one also prepares the driver: not measured
        var before = DateTime.UtcNow;
        await using var row = await read.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await row.ReadAsync(cancellationToken).ConfigureAwait(false);
        var middle = before + ((DateTime.UtcNow - before) / 2);
        return (row.GetString(0), row.GetBoolean(1), row.GetBoolean(2), row.GetDateTime(3) - middle);
    }

    private static async Task<byte[]> SaltAsync(NpgsqlConnection connection, ServerAddress address, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand($"SELECT value FROM {Sql.Name(address.Schema)}.meta WHERE name = 'salt'", connection);
        return (byte[])(await read.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }
}
