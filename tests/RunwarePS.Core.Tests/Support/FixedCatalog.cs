using System.Runtime.CompilerServices;

namespace RunwarePS.Core.Tests;

/// <summary>The shipped models at a fixed day: documents that grow old refuse less, and a user's own documents are none of the tests' business.</summary>
internal static class FixedCatalog
{
    public static readonly DateTimeOffset Day = new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero);

    [ModuleInitializer]
    internal static void Use() => ModelCatalog.Default = ModelCatalog.Load(folder: null, At(Day));

    public static TimeProvider At(DateTimeOffset day) => new Clock(day);

    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
