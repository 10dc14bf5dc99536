using System.Runtime.CompilerServices;

namespace RunwarePS.Isolation;

/// <summary>
/// The one door to the isolated HTTP assembly. Its types stand in method bodies only, so that importing the module loads nothing.
/// </summary>
internal static class HttpPipeline
{
    // a first failure is not kept for the session
    private static readonly Lazy<IHttpPipelineFactory> s_factory = new(Create, LazyThreadSafetyMode.PublicationOnly);

    public static IHttpPipelineFactory Factory => s_factory.Value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IHttpPipelineFactory Create() => new Http.HttpPipelineFactory();
}
