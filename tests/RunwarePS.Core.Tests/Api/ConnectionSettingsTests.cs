namespace RunwarePS.Core.Tests;

public sealed class ConnectionSettingsTests
{
    private static readonly ApiKey s_key = ApiKey.From(Talk.Key)!;

    [Theory]
    [InlineData("http://api.example.test/v1")]
    [InlineData("http://192.168.1.20/v1")]
    [InlineData("http://localhost.example.test/v1")]
    public void Plain_http_is_refused_beyond_loopback(string endpoint)
    {
        var e = Should.Throw<RunwareException>(() => ConnectionSettings.Create(new Uri(endpoint), s_key));
        e.Code.ShouldBe("EndpointInsecure");
        e.Parameter.ShouldBe("Endpoint");
        e.Message.ShouldNotContain(Talk.Key);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080/v1")]
    [InlineData("http://localhost/v1")]
    [InlineData("http://[::1]:9/v1")]
    public void Loopback_needs_neither_https_nor_a_key(string endpoint) =>
        ConnectionSettings.Create(new Uri(endpoint), key: null).Key.ShouldBeNull();

    [Fact]
    public void Without_a_key_the_three_ways_to_give_one_are_named()
    {
        var e = Should.Throw<RunwareException>(() => ConnectionSettings.Create(new Uri(ConnectionSettings.DefaultEndpoint), key: null));
        e.Code.ShouldBe("ApiKeyMissing");
        e.Category.ShouldBe(RunwareErrorCategory.Authentication);
        e.Message.ShouldContain("-ApiKey");
        e.Message.ShouldContain("-Credential");
        e.Message.ShouldContain("RUNWARE_API_KEY");
    }

    [Theory]
    [InlineData("ftp://api.example.test/v1")]
    [InlineData("file:///etc/hosts")]
    [InlineData("/v1")]
    public void Another_kind_of_url_is_refused(string endpoint) =>
        Should.Throw<RunwareException>(() => ConnectionSettings.Create(new Uri(endpoint, UriKind.RelativeOrAbsolute), s_key)).Code.ShouldBe("ParameterOutOfRange");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \t\r\n")]
    public void An_empty_key_is_no_key(string? text) => ApiKey.From(text).ShouldBeNull();

    [Theory]
    [InlineData("abc-123", true)]
    [InlineData("abc\r\nX-Evil: 1", false)]
    [InlineData("abc def", false)]
    [InlineData("schlüssel", false)]
    public void A_key_that_no_header_can_carry_is_known_beforehand(string text, bool isSendable) =>
        ApiKey.From(text)!.IsSendable.ShouldBe(isSendable);
}
