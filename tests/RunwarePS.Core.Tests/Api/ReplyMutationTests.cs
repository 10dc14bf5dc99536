using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace RunwarePS.Core.Tests;

/// <summary>Valid responses, damaged at random. Whatever the damage: no crash, no hang, and a result that stood before it is not lost.</summary>
public sealed class ReplyMutationTests
{
    private const int Runs = 10_000;

    private const int Timeout = 300_000;

    private static readonly string[] s_keys = ["seed", "cost", "NSFWContent", "status", "progress", "note", "timings", "taskType", "imageUUID"];

    private static readonly string[] s_values =
    [
        "null", "true", "0", "-12", "0.25", "1e99", "\"success\"", "\"processing\"", "\"\"", "\"\\ud83d\\ude00\"", "\"\\\\\\\"\"", "\"ünï\"", "[]", "{}", "[1,[2,{\"a\":[]}]]",
        """{"a":{"b":{"c":[null,{"d":"e"}]}}}""", "\"AAAA\"", "\"data:image/png;base64,AAAA\"",
    ];

    [Fact(Timeout = Timeout)]
    public Task Bytes_flipped_cut_and_put_in_cost_nothing_that_stood_before_them() => CheckAsync(reply =>
    {
        var (bytes, damageAt) = reply.Damaged();
        var read = ResponseReader.Read(bytes);

        reply.Expected(damageAt).Except(read.Items.Select(i => i.ImageUrl), StringComparer.Ordinal).ShouldBeEmpty();
    });

    [Fact(Timeout = Timeout)]
    public Task The_order_of_keys_and_what_is_nested_in_them_cost_nothing_at_all() => CheckAsync(reply =>
    {
        var read = ResponseReader.Read(Encoding.UTF8.GetBytes(reply.Text));

        read.IsReadable.ShouldBeTrue();
        read.Items.Select(i => i.ImageUrl).ShouldBe(reply.Addresses);
        read.Errors.Count.ShouldBe(reply.Errors);
    });

    [Fact(Timeout = Timeout)]
    public Task From_the_wire_to_the_image_damage_ends_in_results_and_failures_and_nothing_else() => CheckAsync(reply =>
    {
        var (bytes, damageAt) = reply.Damaged();
        using var handler = new ScriptedHandler(_ => new HttpResponseMessage(reply.Status) { Content = new ByteArrayContent(bytes) });
        IReadOnlyList<RunwareImage> images = [];
        try
        {
            var result = Talk.Client(handler, new RecordedTrace()).AskAsync(Talk.A).GetAwaiter().GetResult().Results(Talk.A);
            images = result.Images;
            result.Failures.ShouldAllBe(f => f.Message.Length > 0 && f.RecommendedAction.Length > 0);
        }
        catch (RunwareException e)
        {
            e.Message.ShouldNotBeNullOrEmpty();
            e.RecommendedAction.ShouldNotBeNullOrEmpty();
        }

        reply.Expected(damageAt).Except(images.Select(i => i.ImageUrl?.OriginalString), StringComparer.Ordinal).ShouldBeEmpty();
    });

    [Fact(Timeout = Timeout)]
    public Task Bytes_that_never_were_a_response_are_read_as_none() => Task.Run(() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => ResponseReader.Read(bytes).Items.Count.ShouldBe(0)).Check(Config.QuickThrowOnFailure.WithMaxTest(Runs)));

    // On the pool, so that a hang is a failed test and not a hung run.
    private static Task CheckAsync(Action<ValidReply> property) =>
        Task.Run(() => Prop.ForAll(Arb.From(Replies(), Smaller), property).Check(Config.QuickThrowOnFailure.WithMaxTest(Runs)));

    private static Gen<ValidReply> Replies() =>
        from items in Gen.Choose(0, 6)
        from errors in Gen.Choose(0, 3)
        from shape in Gen.Choose(0, 3)
        from shuffle in Gen.Choose(0, int.MaxValue)
        from status in Gen.Elements(HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.InternalServerError)
        from damage in Damages()
        select new ValidReply(items, errors, shape, shuffle, status, damage);

    private static Gen<Damage[]> Damages() =>
        from count in Gen.Choose(1, 4)
        from damages in (from kind in Gen.Elements(Enum.GetValues<DamageKind>())
                         from place in Gen.Choose(0, 9999)
                         from value in Gen.Choose(0, 255)
                         from length in Gen.Choose(1, 40)
                         select new Damage(kind, place, (byte)value, length)).ArrayOf(count)
        select damages;

    // One damage is easier to read than four.
    private static IEnumerable<ValidReply> Smaller(ValidReply reply) =>
        reply.Damage.Length <= 1 ? [] : reply.Damage.Select((_, i) => reply with { Damage = [.. reply.Damage.Where((_, j) => j != i)] });

    internal enum DamageKind
    {
        FlipBit,
        Overwrite,
        Delete,
        Insert,
        Truncate,
        Repeat,
        Nest,
    }

    /// <param name="Place">Where in the response, in ten-thousandths of its length.</param>
    internal sealed record Damage(DamageKind Kind, int Place, byte Value, int Length)
    {
        /// <summary>Damages the bytes and returns the first place that is not as it was.</summary>
        public int Do(List<byte> bytes)
        {
            var at = Math.Min(bytes.Count, (int)((long)bytes.Count * Place / 10_000));
            var length = Math.Min(Length, bytes.Count - at);
            switch (Kind)
            {
                case DamageKind.FlipBit when length > 0:
                    bytes[at] ^= (byte)(1 << (Value % 8));
                    break;
                case DamageKind.Overwrite:
                    for (var i = 0; i < length; i++)
                    {
                        bytes[at + i] = (byte)(Value + i);
                    }

                    break;
                case DamageKind.Delete:
                    bytes.RemoveRange(at, length);
                    break;
                case DamageKind.Insert:
                    bytes.InsertRange(at, Enumerable.Repeat(Value, Length));
                    break;
                case DamageKind.Truncate:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case DamageKind.Repeat:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case DamageKind.Nest:
                    bytes.InsertRange(at, Enumerable.Repeat(Value % 2 == 0 ? (byte)'[' : (byte)'{', Length * 10));
                    break;
            }

            return at;
        }
    }

    /// <summary>A response with known results, its keys in random order and random values beside them.</summary>
    internal sealed record ValidReply(int Items, int Errors, int Shape, int Seed, HttpStatusCode Status, Damage[] Damage)
    {
        private string? _text;

        public IEnumerable<string> Addresses => Enumerable.Range(0, Items).Select(Address);

        public string Text => _text ??= Build();

        public (byte[] Bytes, int DamageAt) Damaged()
        {
            var bytes = Encoding.UTF8.GetBytes(Text).ToList();
            var first = bytes.Count;
            foreach (var damage in Damage)
            {
                first = Math.Min(first, damage.Do(bytes));
            }

            return ([.. bytes], first);
        }

        /// <summary>The results that stand whole before a place.</summary>
        public IEnumerable<string> Expected(int damageAt)
        {
            var bytes = Encoding.UTF8.GetBytes(Text).AsSpan();
            var whole = new List<string>();
            for (var i = 0; i < Items; i++)
            {
                var end = bytes.IndexOf(Encoding.UTF8.GetBytes(EndMark(i)));
                if (end + EndMark(i).Length <= damageAt)
                {
                    whole.Add(Address(i));
                }
            }

            return whole;
        }

        public override string ToString() => $"{string.Join(", ", Damage.Select(d => d.ToString()))}\n{Text}";

        private string Build()
        {
            var random = new Random(Seed);
            var data = string.Join(',', Enumerable.Range(0, Items).Select(i => Item(i, random)));
            var errors = string.Join(',', Enumerable.Range(0, Errors).Select(i => Error(i, random)));
            var more = $"\"meta\":{Value(random)}";
            return Shape switch
            {
                0 => $$"""{"data":[{{data}}],"errors":[{{errors}}],{{more}}}""",
                1 => $$"""{ {{more}}, "errors" : [ {{errors}} ] , "data" : [ {{data}} ] }""",
                2 => $$"""{{{more}},"data":[{{data}}],"errors":[{{errors}}]}""",
                _ => "\uFEFF{\r\n\t\"data\": [" + data + "],\r\n\t\"errors\": [" + errors + "]\r\n}",
            };
        }

        private static string Address(int i) => FormattableString.Invariant($"https://im.example.test/{i}.jpg");

        // The last field of each result, so that its end is found again.
        private static string EndMark(int i) => FormattableString.Invariant($"\"end\":\"{i}\"}}");

        private static string Item(int i, Random random)
        {
            var fields = Extras(random);
            fields.Add($"\"taskUUID\":\"{Talk.A}\"");
            fields.Add($"\"imageURL\":\"{Address(i)}\"");
            return $"{{{Shuffled(fields, random)},{EndMark(i)}";
        }

        private static string Error(int i, Random random)
        {
            if (random.Next(4) == 0)
            {
                return FormattableString.Invariant($"\"Number {i}, and only words.\"");
            }

            var fields = Extras(random).Where(f => !f.StartsWith("\"taskType\"", StringComparison.Ordinal)).ToList();
            fields.Add(FormattableString.Invariant($"\"code\":\"providerError\",\"message\":\"Number {i}.\""));
            if (random.Next(2) == 0)
            {
                fields.Add($"\"taskUUID\":\"{Talk.A}\"");
            }

            return $"{{{Shuffled(fields, random)}}}";
        }

        private static List<string> Extras(Random random) =>
            [.. s_keys.Where(_ => random.Next(3) == 0).Select(key => $"\"{key}\":{Value(random)}")];

        private static string Value(Random random)
        {
            var value = s_values[random.Next(s_values.Length)];
            for (var depth = random.Next(4) == 0 ? random.Next(50) : 0; depth > 0; depth--)
            {
                value = random.Next(2) == 0 ? $"[{value}]" : $"{{\"in\":{value}}}";
            }

            return value;
        }

        private static string Shuffled(List<string> fields, Random random)
        {
            var array = fields.ToArray();
            random.Shuffle(array);
            return string.Join(',', array);
        }
    }
}
