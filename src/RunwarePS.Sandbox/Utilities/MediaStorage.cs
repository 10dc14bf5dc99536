using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Utilities;

/// <summary>Uploads a medium, which tasks can then refer to by its UUID, or deletes one.</summary>
internal sealed class MediaStorage() : UtilityType(TypeName, "operation", "media")
{
    public const string TypeName = "mediaStorage";

    public override TaskError? Answer(UtilityCall call)
    {
        var media = call.Task.Text("media")!;
        return call.Task.Text("operation") == "upload" ? Upload(call, media) : Delete(call, media);
    }

    protected override TaskError? CheckOwn(JsonObject task) =>
        Rule.Required(task, "operation", "media")
        ?? Rule.Among(task, "operation", "upload", "delete")
        ?? Rule.Text(task, "media");

    private static TaskError? Upload(UtilityCall call, string media)
    {
        if (call.State.Media.Upload(media) is not { } stored)
        {
            return TaskError.Invalid("media", "must be a URL, a data URI, or base64");
        }

        call.Add(new JsonObject
        {
            ["operation"] = "upload",
            ["mediaUUID"] = stored.Id.ToString(),
            ["mediaURL"] = stored.SourceUrl ?? $"{call.State.Origin}{stored.Format.Kind}/{stored.Id}.{stored.Format.Extension}",
        });
        return null;
    }

    private static TaskError? Delete(UtilityCall call, string media)
    {
        if (!Guid.TryParseExact(media, "D", out var id) || !call.State.Media.Delete(id))
        {
            return MediaStore.NotFound("media", media);
        }

        call.Add(new JsonObject { ["operation"] = "delete", ["mediaUUID"] = media });
        return null;
    }
}
