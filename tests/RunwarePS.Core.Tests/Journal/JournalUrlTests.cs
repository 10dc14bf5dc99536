using RunwarePS.Journal.PostgreSql;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>The URL of a journal in a database.</summary>
public sealed class JournalUrlTests
{
    [Fact]
    public void All_parts_are_read()
    {
        var address = Parse("postgresql://w%40rker@db-1.example:6432,[::1]:5433,10.0.0.1/run%20ware?schema=fleet_2&sslmode=require&sslrootcert=%2Fetc%2Fca.pem&pooler=transaction");

        address.ShouldBe(new ServerAddress("db-1.example:6432,[::1]:5433,10.0.0.1", "run ware")
        { User = "w@rker", Schema = "fleet_2", SslMode = "require", RootCertificate = "/etc/ca.pem", IsPooled = true });
        address.ToString().ShouldBe("postgresql://db-1.example:6432,[::1]:5433,10.0.0.1/run ware");
    }

    [Theory]
    [InlineData("postgres://h/db")]
    [InlineData("POSTGRESQL://H/db")]
    public void The_rest_is_optional(string url) => Parse(url).ShouldBe(new ServerAddress("h", "db") { Schema = "runware" });

    [Theory]
    [InlineData("localhost:5432", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("[::1]:5433,localhost", true)]
    [InlineData("localhost,db.example", false)]
    [InlineData("localhost.example", false)]
    public void A_server_on_this_machine_is_known(string hosts, bool isLoopback) => Parse($"postgresql://{hosts}/db").IsLoopback.ShouldBe(isLoopback);

    [Theory]
    [InlineData("localhost", "Prefer")]
    [InlineData("db.example", "VerifyFull")]
    [InlineData("10.0.0.1,localhost", "VerifyFull")]
    [InlineData("localhost/db?sslmode=verify-full", "VerifyFull")]
    [InlineData("db.example/db?sslmode=require", "Require")]
    public async Task A_certificate_is_verified_except_on_this_machine_or_where_the_URL_states_less(string url, string mode)
    {
        await using var source = DataSources.Create(Parse($"postgresql://{url}{(url.Contains('/') ? "" : "/db")}"));

        source.ConnectionString.ShouldContain($"SSL Mode={mode};");
    }

    [Theory]
    [InlineData("postgresql://me:hunter2@host/db")]
    [InlineData("postgresql://me:hunter2@host:5432/db?schema=a")]
    [InlineData("postgresql://me:hun%2Fter2@host/db")]
    [InlineData("postgresql://me:hun/ter2@host/db")]
    [InlineData("postgresql://me:hun?ter2@host/db")]
    [InlineData("postgresql://:hunter2@host/db")]
    [InlineData("postgresql://host/db?password=hunter2")]
    [InlineData("postgresql://host/db?PASSWORD=hunter2&schema=a")]
    [InlineData("mysql://me:hunter2@host/db")]
    public void A_password_is_refused_without_being_repeated(string url)
    {
        var error = Should.Throw<RunwareException>(() => Parse(url));

        error.Code.ShouldBe(ErrorCodes.JournalPasswordInUrl);
        error.ToString().ShouldNotContain("hunter2");
        error.ToString().ShouldNotContain("ter2");
    }

    [Theory]
    [InlineData("postgresql://host")]
    [InlineData("postgresql://host/")]
    [InlineData("postgresql:///db")]
    [InlineData("postgresql://host/a/b")]
    [InlineData("postgresql://ho st/db")]
    [InlineData("postgresql://host;Password=x/db")]
    [InlineData("mysql://host/db")]
    [InlineData("postgresql://host/db?schema=")]
    [InlineData("postgresql://host/db?schema=a;b")]
    [InlineData("postgresql://host/db?schema=1a")]
    [InlineData("postgresql://host/db?sslmode=maybe")]
    [InlineData("postgresql://host/db?pooler=session")]
    [InlineData("postgresql://host/db?schema")]
    public void What_cannot_be_read_is_refused(string url) => Should.Throw<RunwareException>(() => Parse(url)).Code.ShouldBe(ErrorCodes.JournalUrlInvalid);

    [Fact]
    public void An_option_that_does_not_exist_is_named() =>
        Should.Throw<RunwareException>(() => Parse("postgresql://host/db?ssl_mode=require")).Message.ShouldContain("'ssl_mode'");

    [Fact]
    public void A_credential_is_never_shown()
    {
        var address = JournalAddress.Parse("postgresql://host/db", p => p, new JournalCredential("worker", "hunter2"));

        $"{address} {((ServerAddress)address).Credential}".ShouldNotContain("hunter2");
        address.ShouldNotBe(JournalAddress.Parse("postgresql://host/db", p => p, new JournalCredential("worker", "other"))); // another store
        Should.Throw<RunwareException>(() => JournalAddress.Parse("journal.db", p => p, new JournalCredential("worker", "hunter2")))
            .Parameter.ShouldBe("JournalCredential");
    }

    [Fact]
    public void Anything_else_is_a_file() => JournalAddress.Parse("a.db", p => "/full/" + p).ShouldBe(new FileAddress("/full/a.db"));

    private static ServerAddress Parse(string url) => JournalAddress.Parse(url, p => p).ShouldBeOfType<ServerAddress>();
}
