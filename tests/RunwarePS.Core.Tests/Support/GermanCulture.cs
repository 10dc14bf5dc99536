using System.Globalization;

namespace RunwarePS.Core.Tests;

/// <summary>A thread on which 7,5 is seven and a half, until it is disposed.</summary>
internal sealed class GermanCulture : IDisposable
{
    private readonly CultureInfo _before = CultureInfo.CurrentCulture;

    public GermanCulture() => CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");

    public void Dispose() => CultureInfo.CurrentCulture = _before;
}
