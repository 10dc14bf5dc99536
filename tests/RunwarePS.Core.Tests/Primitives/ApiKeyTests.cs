namespace RunwarePS.Core.Tests.Primitives;

public sealed class ApiKeyTests
{
    [Fact]
    public void A_derived_key_depends_on_the_key_the_salt_and_the_purpose()
    {
        var key = ApiKey.From("key")!;
        byte[] salt = [1, 2, 3];
        var first = key.Derive(salt, "one");

        key.Derive([1, 2, 3], "one").ShouldBe(first);
        key.Derive([1, 2, 4], "one").ShouldNotBe(first);
        key.Derive(salt, "two").ShouldNotBe(first);
        key.Derive(salt, "one").ShouldBe(first);
        ApiKey.From("other")!.Derive(salt, "one").ShouldNotBe(first);
        salt[0] = 9;
        key.Derive(salt, "one").ShouldNotBe(first, "a salt that changes is another salt");
    }
}
