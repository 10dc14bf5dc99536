using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace RunwarePS.Journal.PostgreSql;

/// <summary>What errors of the driver and the server mean. Their own objects never leave this assembly: they contain requests.</summary>
internal static class Failures
{
    /// <summary>
    /// Whether trying again can help. The driver's own flag isn't enough: it isn't set while no server of several can be written, and it is
    /// set for a full disk.
    /// </summary>
    public static bool IsTransient(Exception e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => false,
        PostgresException server => server.IsTransient || server.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction
            or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.AdminShutdown
            or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow,
        NpgsqlException or TimeoutException or IOException or SocketException => true,
        _ => false,
    };

    /// <summary>Whether a connection fails because of how it is configured, such as without a password or a certificate.</summary>
    public static bool IsMisconfigured(Exception e) =>
        e is NpgsqlException { InnerException: AuthenticationException }
        || (e is NpgsqlException { InnerException: null } && !e.Message.StartsWith("No suitable host", StringComparison.Ordinal));

    /// <summary>Whether an exception comes from the driver or the server.</summary>
    public static bool IsKnown(Exception e) =>
        e is NpgsqlException or TimeoutException or IOException or SocketException or InvalidOperationException or ObjectDisposedException;

    public static RunwareException Unavailable(ServerAddress address, Exception e) => Unavailable(address, Describe(e));

    public static RunwareException Unavailable(ServerAddress address, string reason) => new(ErrorCodes.JournalUnavailable,
        RunwareErrorCategory.Unknown, Strings.JournalFileUnusable.With(address, reason));

    /// <summary>The reason in the server's or the system's words.</summary>
    public static string Describe(Exception e) => e switch
    {
        PostgresException { SqlState: "42P05" or "26000" } => Strings.JournalServerPooler,
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => Strings.JournalServerReadOnly,
        AuthenticationException => Strings.JournalServerCertificate,
        PostgresException server => $"{server.MessageText} ({server.SqlState})",
        AggregateException { InnerExceptions: [var first, ..] } => Describe(first),
        { InnerException: { } inner } => Describe(inner),
        _ => e.Message,
    };
}
