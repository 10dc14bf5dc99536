namespace RunwarePS.Core.Tests;

public sealed class ModelCatalogTests
{
    private static readonly ModelCatalog s_catalog = ModelCatalog.Default;

    private static readonly string[] s_openAi = ["openai:1@1", "openai:1@2", "openai:4@1", "openai:gpt-image@2", "openai:gpt-image@2.5-flare", "openai:gpt-image@2.5-sunburst"];

    private static IEnumerable<ModelInfo> Full => s_catalog.Models.Where(m => m.Knowledge == ModelKnowledge.Full);

    private static IEnumerable<ModelInfo> OpenAi => s_openAi.Select(air => s_catalog.Find(air)!);

    [Fact]
    public void Every_document_is_a_models_and_names_it()
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "src", "RunwarePS.Core", "Models", "Documents"), "*.json");

        Full.Select(m => m.Slug + ".json").ShouldBe(files.Select(f => Path.GetFileName(f)!), ignoreOrder: true);
        Full.ShouldAllBe(m => m.Document!.Air == m.Air && m.Document.Slug == m.Slug && m.Document.TaskType == m.TaskType);
        Full.ShouldAllBe(m => m.UncheckedRules == 0);
    }

    [Fact]
    public void All_models_of_the_key_table_are_known_by_task_type()
    {
        s_catalog.Models.Count.ShouldBe(379);
        s_catalog.Models.Count(m => m.Knowledge == ModelKnowledge.None).ShouldBe(16);
        s_catalog.Find("deepseek-v4-flash")!.TaskType.ShouldBe("textInference");
        s_catalog.Find("BRIA:51@1")!.TaskType.ShouldBe("removeBackground");
        s_catalog.Models.Select(m => m.TaskType).Distinct(StringComparer.Ordinal).Except(TaskTypes.All, StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("openai:1@1", "openai-gpt-image-1")]
    [InlineData("openai:1@2", "openai-gpt-image-1-mini")]
    [InlineData("openai:4@1", "openai-gpt-image-1-5")]
    [InlineData("openai:gpt-image@2", "openai-gpt-image-2")]
    [InlineData("openai:gpt-image@2.5-flare", "openai-gpt-image-2-5-flare")]
    [InlineData("openai:gpt-image@2.5-sunburst", "openai-gpt-image-2-5-sunburst")]
    public void A_model_is_found_by_air_and_by_slug_in_any_case(string air, string slug)
    {
        var model = s_catalog.Find(air).ShouldNotBeNull();

        model.Slug.ShouldBe(slug);
        s_catalog.Find(air.ToUpperInvariant()).ShouldBeSameAs(model);
        s_catalog.Find(slug).ShouldBeSameAs(model);
        s_catalog.Find(slug.ToUpperInvariant()).ShouldBeSameAs(model);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("openai:1")]
    [InlineData("runware:100@100")]
    public void A_model_that_the_catalog_does_not_know_is_not_guessed(string? name) => s_catalog.Find(name).ShouldBeNull();

    [Theory]
    [InlineData("gpt-image-1", "openai:1@1")]
    [InlineData("GPT Image 1", "openai:1@1")]
    [InlineData("gpt_image_1.5", "openai:4@1")]
    [InlineData("openai-gpt-image1", "openai:1@1")]
    [InlineData("opnai:1@2", "openai:1@2")]
    [InlineData("openai:1", "openai:1@1")]
    [InlineData("openai/gpt-image@2", "openai:gpt-image@2")]
    [InlineData("gpt-image@2.5-flair", "openai:gpt-image@2.5-flare")]
    [InlineData("civitai:101055@128079", null)]
    [InlineData("openai:3@1", "openai:3@1")]
    [InlineData("openai:1@10", null)]
    [InlineData("openai-gpt-image-3", null)]
    [InlineData("kling-video-2-6-pro", "klingai:kling-video@2.6-pro")]
    [InlineData("x", null)]
    [InlineData("", null)]
    public void A_name_that_is_nearly_a_models_finds_it_and_one_of_its_own_does_not(string name, string? air) => s_catalog.Nearest(name)?.Air.ShouldBe(air);

    [Fact]
    public void There_is_one_default_and_it_is_gpt_image_1() => s_catalog.DefaultModel.Air.ShouldBe("openai:1@1");

    [Fact]
    public void Names_are_unique()
    {
        s_catalog.Models.Select(m => m.Air).Concat(s_catalog.Models.Select(m => m.Slug)).Distinct(StringComparer.OrdinalIgnoreCase).Count().ShouldBe(2 * s_catalog.Models.Count);
    }

    [Fact]
    public void Every_model_is_complete_once_it_has_inherited()
    {
        foreach (var model in OpenAi)
        {
            model.Name.ShouldNotBeNullOrWhiteSpace(model.Air);
            new[] { "live", "reported", "retired" }.ShouldContain(s => s == model.Status, model.Air);
            model.Capabilities.ShouldNotBeEmpty(model.Air);
            model.Sizes.ShouldNotBeNull(model.Air).ShouldNotBeEmpty(model.Air);
            model.AlphaFormats.ShouldBe(model.PathOf("background") is null ? [] : ["PNG", "WEBP"], model.Air);
            foreach (var key in new[] { "taskType", "taskUUID", "model", "positivePrompt" })
            {
                model.Parameters.ShouldContainKey(key, model.Air);
                model.Parameters[key].Required.ShouldBeTrue($"{model.Air} {key}");
            }

            model.Parameters["width"].Required.ShouldBe(model.Parameters["height"].Required, model.Air);
            model.Parameters.Values.ShouldAllBe(rule => rule != null, model.Air);
        }
    }

    [Fact]
    public void Every_default_is_one_that_its_rule_allows()
    {
        foreach (var (path, rule) in Full.SelectMany(m => m.Parameters).Where(p => p.Value.Default is not null))
        {
            if (rule.Allowed is { } allowed && rule.Min is null)
            {
                allowed.ShouldContain(a => a == rule.Default, path);
            }
            else if (rule.Type.Contains("integer", StringComparison.Ordinal) || rule.Type == "number")
            {
                decimal.Parse(rule.Default!, System.Globalization.CultureInfo.InvariantCulture)
                    .ShouldBeInRange(rule.Min ?? decimal.MinValue, rule.Max ?? decimal.MaxValue, path);
            }
            else if (rule.Type is not ("string" or "array"))
            {
                rule.Type.ShouldBe("boolean", path);
                bool.TryParse(rule.Default, out _).ShouldBeTrue(path);
            }
        }
    }

    [Fact]
    public void Every_price_has_a_date_a_source_and_a_size_that_the_model_makes()
    {
        foreach (var model in Full.Where(m => m.Prices is not null))
        {
            foreach (var entry in model.Prices!.Entries)
            {
                DateOnly.TryParseExact(entry.Date, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out _).ShouldBeTrue(model.Air);
                entry.Usd.ShouldBeGreaterThan(0, model.Air);
                entry.Source.ShouldNotBeNullOrWhiteSpace(model.Air);
                new[] { "stated", "inferred", "example" }.ShouldContain(b => b == entry.Basis, model.Air);
                if (entry.Basis != "example" || entry.Size is not null)
                {
                    Makes(model, entry.Size!).ShouldBeTrue($"{model.Air} {entry.Size}");
                    model.Parameters[model.PathOf("quality")!].Allowed!
                        .ShouldContain(q => q == entry.Quality, $"{model.Air} {entry.Quality}");
                }
            }

            foreach (var rate in model.Prices.Rates)
            {
                rate.Usd.ShouldBeGreaterThan(0, model.Air);
                rate.Source.ShouldNotBeNullOrWhiteSpace(model.Air);
                new[] { "inputToken", "cachedInputToken", "outputToken", "output", "inputImage", "durationSecond", "character" }.ShouldContain(u => u == rate.Unit, model.Air);
            }
        }
    }

    private static bool Makes(ModelInfo model, string size)
    {
        var edges = Array.ConvertAll(size.Split('x'), edge => int.Parse(edge, System.Globalization.CultureInfo.InvariantCulture));
        return model.SizeLimits?.Allow(edges[0], edges[1]) ?? model.Sizes!.Any(s => s.ToString() == size);
    }

    [Fact]
    public void Models_of_a_family_differ_where_their_documents_do()
    {
        s_catalog.Find("openai:4@1")!.Parameters["positivePrompt"].Min.ShouldBe(2);
        s_catalog.Find("openai:gpt-image@2.5-flare")!.Parameters["positivePrompt"].Min.ShouldBe(2);
        s_catalog.Find("openai:gpt-image@2.5-flare")!.Parameters.ShouldNotContainKey("safety.mode");
        s_catalog.Find("openai:gpt-image@2.5-sunburst")!.Parameters.Keys
            .ShouldBe(s_catalog.Find("openai:gpt-image@2.5-flare")!.Parameters.Keys, ignoreOrder: true);
        s_catalog.Find("openai:1@1")!.Parameters.ShouldContainKey("safety.mode");
        s_catalog.Find("openai:1@1")!.Parameters["positivePrompt"].Min.ShouldBe(1);
        s_catalog.Find("openai:1@1")!.Parameters["positivePrompt"].Max.ShouldBe(32000);
    }

    [Fact]
    public void A_price_is_one_models()
    {
        foreach (var model in OpenAi.Skip(1))
        {
            model.Price(1024, 1024, "high").ShouldBeNull(model.Air);
            model.HighestPrice(1024, 1024).ShouldBeNull(model.Air);
        }
    }

    [Theory]
    [InlineData("outputFormat", "webp", "WEBP")]
    [InlineData("outputType", "BASE64DATA", "base64Data")]
    [InlineData("providerSettings.openai.quality", "High", "high")]
    [InlineData("providerSettings.openai.quality", "ultra", "ultra")]
    [InlineData("positivePrompt", "URL", "URL")]
    [InlineData("noSuchKey", "Value", "Value")]
    public void A_value_is_spelt_as_the_api_spells_it(string path, string value, string expected) => s_catalog.DefaultModel.NormalizeCase(path, value).ShouldBe(expected);

    [Fact]
    public void What_users_see_of_a_model_is_what_the_catalog_holds()
    {
        var model = RunwareModel.From(s_catalog.DefaultModel);

        model.Model.ShouldBe("openai:1@1");
        model.IsDefault.ShouldBeTrue();
        model.AllowedSize.ShouldBe(["1024x1024 Square", "1536x1024 Landscape", "1024x1536 Portrait"]);
        model.AlphaFormat.ShouldBe(["PNG", "WEBP"]);
        model.Parameter.Select(p => p.Name).ShouldBe(s_catalog.DefaultModel.Parameters.Keys);
        model.Price.Length.ShouldBe(s_catalog.DefaultModel.Prices!.Entries.Length);
        model.Price.ShouldAllBe(p => p.Usd > 0 && p.Date.Length == 10 && p.Source.Length > 0);
        model.ToString().ShouldBe("openai:1@1");

        RunwareModel.From(s_catalog.Find("openai:1@2")!).Price.ShouldBeEmpty("no price is known, which is not the same as none");

        var byToken = RunwareModel.From(s_catalog.Find("openai:gpt-image@2.5-sunburst")!);
        byToken.Status.ShouldBe("live");
        byToken.Released.ShouldBe("2026-09-08");
        byToken.AllowedSize.ShouldHaveSingleItem().ShouldContain("655360 to 8294400 pixels");
        byToken.Price.ShouldAllBe(p => p.Basis == "example" && p.Date == "2026-09-30");
        byToken.Price.ShouldContain(p => p.ToString() == "about 0.167");
        byToken.Rate.Select(r => r.ToString()).ShouldBe(
            ["Text input: 5 per million input tokens", "Image input: 8 per million input tokens", "Image output: 30 per million output tokens"]);
        byToken.Parameter.Single(p => p.Name == "width").MultipleOf.ShouldBe(16);
        ModelText.Prices(byToken.Price).ShouldBe("unknown");
        RunwareModel.From(s_catalog.Find("openai:gpt-image@2")!).Price[2].ToString().ShouldBe("1024x1024 high about 0.211");
    }

    [Fact]
    public void Code_names_no_model()
    {
        var sources = Path.Combine(Repository.Root, "src", "RunwarePS.Core");
        var names = s_catalog.Models.SelectMany(m => new[] { $"\"{m.Air}\"", $"\"{m.Slug}\"" }).ToArray();
        var guilty = from file in Directory.EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories)
                     where !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                     let text = File.ReadAllText(file)
                     where Array.Exists(names, n => text.Contains(n, StringComparison.Ordinal))
                     select Path.GetFileName(file);

        guilty.ShouldBeEmpty();
    }
}
