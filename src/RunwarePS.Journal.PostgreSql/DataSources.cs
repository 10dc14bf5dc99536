using Npgsql;

namespace RunwarePS.Journal.PostgreSql;

/// <summary>How this module connects to a server.</summary>
internal static class DataSources
{
    private static readonly string s_version =
        typeof(DataSources).Assembly.GetName().Version is { } version ? version.ToString(fieldCount: 3) : "";

    public static NpgsqlDataSource Create(ServerAddress address)
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = address.Hosts,
            Database = address.Database,
            Username = address.User ?? address.Credential?.User,
            Password = address.Credential is { Password: { Length: > 0 } password } ? password : null,
            SslMode = SslMode(address),
            RootCertificate = address.RootCertificate,
            GssEncryptionMode = GssEncryptionMode.Disable,
            ApplicationName = $"RunwarePS/{s_version}",
            Timeout = 5,
            CommandTimeout = 15,
            CancellationTimeout = 1000,
            TcpKeepAlive = true,
            MaxPoolSize = 4,
            HostRecheckSeconds = 1,
            NoResetOnClose = true, // no call changes the session
            MaxAutoPrepare = address.IsPooled ? 0 : 32,
            AutoPrepareMinUsages = 2,
            IncludeErrorDetail = false,
        };
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        return address.Hosts.Contains(',', StringComparison.Ordinal)
            ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.ReadWrite)
            : builder.Build();
    }

    private static SslMode SslMode(ServerAddress address) => address.SslMode switch
    {
        "disable" => Npgsql.SslMode.Disable,
        "allow" => Npgsql.SslMode.Allow,
        "prefer" => Npgsql.SslMode.Prefer,
        "require" => Npgsql.SslMode.Require,
        "verify-ca" => Npgsql.SslMode.VerifyCA,
        null when address.IsLoopback => Npgsql.SslMode.Prefer,
        _ => Npgsql.SslMode.VerifyFull,
    };
}
