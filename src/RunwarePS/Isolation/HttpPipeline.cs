using System.Runtime.CompilerServices;

namespace RunwarePS.Isolation;

/// <summary>
/// The one door to the isolated HTTP assembly. Its types stand in method bodies only, so that importing the module loads nothing.
/// </summary>
internal static class HttpPipeline
{
    private static readonly object s_gate = new();
    private static IHttpPipelineFactory? s_factory;

    // A second thread waits for the first one. A failure isn't kept for the session.
    public static IHttpPipelineFactory Factory
    {
        get
        {
            lock (s_gate)
            {
                return s_factory ??= Create();
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IHttpPipelineFactory Create() => new Http.HttpPipelineFactory();
}
