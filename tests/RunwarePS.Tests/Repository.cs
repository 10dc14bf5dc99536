using System.Reflection;

namespace RunwarePS.Tests;

/// <summary>The checkout under test.</summary>
internal static class Repository
{
    public static string Root { get; } =
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "RepositoryRoot").Value!;

    /// <summary>The module as the build staged it.</summary>
    public static string Module { get; } = Path.Combine(Root, "out", "RunwarePS");
}
