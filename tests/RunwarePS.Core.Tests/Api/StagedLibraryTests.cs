using System.Reflection;
using System.Runtime.Loader;

namespace RunwarePS.Core.Tests;

/// <summary>The staged lib/ in a context of its own, as the module loads it into a session.</summary>
public sealed class StagedLibraryTests
{
    private static readonly string s_lib = Path.Combine(Repository.Root, "out", "RunwarePS", "lib");

    [Fact]
    public async Task The_staged_pipeline_sends_a_request_from_a_context_of_its_own()
    {
        await using var stub = await Stub.StartAsync(context => context.JsonAsync(Talk.Envelope(Talk.Item(Talk.A))));
        var context = new PrivateContext();
        var assembly = context.LoadFromAssemblyPath(Path.Combine(s_lib, "RunwarePS.Http.dll"));
        var pipeline = Activator.CreateInstance(assembly.GetType("RunwarePS.Http.HttpPipelineFactory", throwOnError: true)!).ShouldBeAssignableTo<IHttpPipelineFactory>()!;

        var replies = await Talk.Client(pipeline.CreateApiClient(), stub.Endpoint).AskAsync(Talk.A);

        replies.Of(Talk.A).Items.Count.ShouldBe(1);
        var loaded = context.Assemblies.Select(a => a.GetName().Name).ToArray();
        loaded.ShouldContain(n => n == "RunwarePS.Http");
        loaded.Length.ShouldBe(1, "the first request waits for each assembly that it loads");
        loaded.ShouldNotContain(n => n == "RunwarePS.Core", "the interface has to be the session's own");
    }

    [Fact]
    public void What_is_staged_is_complete_and_carries_nothing_of_the_engine()
    {
        var staged = Directory.GetFiles(s_lib).Select(f => Path.GetFileName(f)!).ToArray();

        staged.ShouldContain(n => n == "RunwarePS.Http.dll");
        staged.ShouldNotContain(n => n == "RunwarePS.Core.dll");
        staged.ShouldNotContain(n => n == "System.Text.Json.dll");
        staged.ShouldNotContain(n => n == "System.Management.Automation.dll");
    }

    // By path alone: asking by name would look through the tests' own folder, where the same assemblies lie.
    private sealed class PrivateContext() : AssemblyLoadContext("staged lib")
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var path = Path.Combine(s_lib, assemblyName.Name + ".dll");
            return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
        }
    }
}
