using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests.Tasks;

/// <summary>Every field, known or added later, survives each form that metadata take.</summary>
public sealed class GenerationMetadataTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Names => [.. GenerationMetadata.Fields.Select(f => f.Name)];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_table_has_every_property() =>
        GenerationMetadata.Fields.Select(field => field.Name).ShouldBe(
            typeof(GenerationMetadata).GetProperties().Where(p => p.CanWrite && p.GetMethod!.IsPublic).Select(p => p.Name), ignoreOrder: true);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_field_survives_the_journal_a_file_a_sidecar_and_a_merge(string name)
    {
        var (field, metadata) = Sample(name);

        FromJson(ToJson(metadata)).ShouldBe(metadata);
        new GenerationMetadata().MergeMissing(metadata).ShouldBe(metadata);
        var output = new RunwareVideo();
        metadata.ApplyTo(output);
        GenerationMetadata.Of(output).ShouldBe(metadata);
        var copy = new GenerationMetadata();
        field.ReadText(copy, field.TextOf(metadata));
        copy.ShouldBe(metadata);
        if (field.Has(FieldUse.File))
        {
            // A packet with nothing of ours isn't ours: the model is always there.
            var described = metadata.MergeMissing(new GenerationMetadata { Model = "m" });
            Xmp.Read([Xmp.Write(described)]).ShouldBe(described);
            await Sidecar.WriteAsync(_folder.Of("a.json"), metadata, overwrite: false, CancellationToken.None);
            Sidecar.Read(_folder.Of("a.json")).ShouldBe(metadata);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_field_with_a_token_is_in_file_names_and_one_for_users_is_in_what_they_read(string name)
    {
        var (field, metadata) = Sample(name);
        var image = new RunwareImage();
        metadata.ApplyTo(image);

        if (field.Has(FieldUse.Token))
        {
            FileNameTemplate.Tokens.ShouldContain("{" + name + "}", StringComparer.Ordinal);
            FileNameTemplate.Parse("{" + name + "}").PathOf(image, ImageFormat.Png).ShouldBe(field.TextOf(metadata) + ".png");
        }

        if (field.Has(FieldUse.Rerun))
        {
            var info = RunwareImageInfo.Of("a.png", metadata);
            typeof(RunwareImageInfo).GetProperty(name).ShouldNotBeNull().GetValue(info).ShouldBe(field.Get(metadata));
        }
    }

    [Fact]
    public void Metadata_of_earlier_versions_are_read()
    {
        FromJson("""{"prompt":"a tram","model":"openai:1@1","width":1024,"inputIndex":3,"tag":"night","requestHash":"AB","gone":[1]}""")
            .ShouldBe(new GenerationMetadata { Prompt = "a tram", Model = "openai:1@1", Width = 1024, InputIndex = 3, Tag = "night", RequestHash = "AB" });
        File.WriteAllText(_folder.Of("a.json"), """
            { "creatorTool": "RunwarePS 0.1.0", "prompt": "a tram", "imageUuid": "11111111-1111-4111-8111-111111111111", "index": 0,
              "cost": 0.167, "createdAt": "2026-01-02T03:04:05.1234567Z", "seed": 9223372036854775807 }
            """);
        Sidecar.Read(_folder.Of("a.json")).ShouldBe(new GenerationMetadata
        {
            Prompt = "a tram",
            ImageUuid = Guid.Parse("11111111-1111-4111-8111-111111111111"),
            Index = 0,
            Cost = 0.167m,
            CreatedAt = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddTicks(1234567),
            Seed = long.MaxValue,
        });
    }

    [Fact]
    public void A_value_of_another_type_is_unknown() =>
        FromJson("""{"prompt":7,"width":"1024","cost":"free","taskUuid":"no","createdAt":"yesterday","seed":1.5,"model":"m"}""")
            .ShouldBe(new GenerationMetadata { Model = "m" });

    [Fact]
    public void What_a_request_does_not_state_leaves_an_output_as_it_is()
    {
        var image = new RunwareImage { Seed = 7, Cost = 0.5m, Width = 8 };
        new GenerationMetadata { Width = 9, Prompt = "p" }.ApplyTo(image);

        (image.Seed, image.Cost, image.Width, image.Prompt).ShouldBe((7, 0.5m, 9, "p"));
    }

    [Theory]
    [InlineData("3.5", "3.5")]
    [InlineData("0.29", "0.29")]
    [InlineData("7", "7")]
    [InlineData("1e1", "10")]
    public void The_numbers_of_a_request_are_kept_exactly(string sent, string kept)
    {
        using var _ = new GermanCulture();
        var body = (JsonObject)JsonNode.Parse(
            $$"""{"taskType":"imageInference","taskUUID":"{{Talk.A}}","model":"some:1@1","steps":28,"CFGScale":{{sent}},"scheduler":"Euler a"}""")!;
        var image = new RunwareImage { Prompt = "a tram" };
        new TaskRequest(body).Metadata.ApplyTo(image);

        var described = Xmp.Read([Xmp.Write(GenerationMetadata.Of(image))]).ShouldNotBeNull();
        (described.Steps, described.CfgScale, described.Scheduler)
            .ShouldBe((28, decimal.Parse(kept, System.Globalization.CultureInfo.InvariantCulture), "Euler a"));
        RerunCommand.Of(described).ShouldBe(
            $"New-RunwareImage -Prompt 'a tram' -Model 'some:1@1' -Steps 28 -CfgScale {kept} -Scheduler 'Euler a'");
        FileNameTemplate.Parse("{Steps} {CfgScale}").PathOf(image, ImageFormat.Png).ShouldBe($"28 {kept}.png");
    }

    [Fact]
    public void A_number_of_a_program_is_kept_exactly()
    {
        var body = new JsonObject { ["taskType"] = "imageInference", ["taskUUID"] = Talk.A.ToString(), ["CFGScale"] = 0.29, ["steps"] = 4 };

        new TaskRequest(body).Metadata.CfgScale.ShouldBe(0.29m);
    }

    private static (MetadataField Field, GenerationMetadata Metadata) Sample(string name)
    {
        var field = GenerationMetadata.Fields.Single(f => f.Name == name);
        var metadata = new GenerationMetadata();
        var type = typeof(GenerationMetadata).GetProperty(name)!.PropertyType;
        field.ReadObject(metadata, (Nullable.GetUnderlyingType(type) ?? type).Name switch
        {
            nameof(String) => "einfach [1] ü",
            nameof(Int32) => int.MaxValue,
            nameof(Int64) => long.MinValue,
            nameof(Decimal) => 0.29m,
            nameof(Guid) => Talk.B,
            _ => new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        });
        field.Get(metadata).ShouldNotBeNull();
        return (field, metadata);
    }

    private static string ToJson(GenerationMetadata metadata)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            metadata.WriteTo(json);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }

    private static GenerationMetadata FromJson(string text)
    {
        using var json = JsonDocument.Parse(text);
        return GenerationMetadata.FromJson(json.RootElement);
    }
}
