using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace RunwarePS.Sandbox.Files;

/// <summary>
/// Small valid files that players and viewers open. Each holds its seed where its format keeps data that players ignore, so that two
/// results differ in bytes.
/// </summary>
internal static class SampleFile
{
    private static readonly ConcurrentDictionary<string, byte[]> s_samples = new(StringComparer.Ordinal);

    public static byte[] Render(FileFormat format, FileSeed seed, bool transparent = false)
    {
        var hash = seed.Hash();
        return format.Name switch
        {
            "MP4" => [.. Sample("video.mp4"), .. Box("free"u8, hash)],
            "MOV" => [.. Sample(transparent ? "alpha.mov" : "video.mov"), .. Box("free"u8, hash)],
            "WEBM" => Webm(Sample(transparent ? "alpha.webm" : "video.webm"), hash),
            "MP3" => [.. Id3(hash), .. Sample("audio.mp3")],
            "OGG" => Ogg(hash),
            "FLAC" => Flac(hash),
            "WAV" => Wav(hash),
            "SVG" => Svg(hash),
            "GLB" => Glb(hash),
            "FBX" => Fbx(hash),
            "safetensors" => Safetensors(hash),
            _ => throw new InvalidOperationException($"There is no sample in the format '{format.Name}'."),
        };
    }

    /// <summary>
    /// The head of an MP4 box that makes a file larger without changing what plays: the box has this length, and content follows.
    /// </summary>
    public static byte[] FreeBox(long length)
    {
        var head = new byte[16];
        head[3] = 1; // the length is in the 64 bits after the name
        "free"u8.CopyTo(head.AsSpan(4));
        BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(8), length);
        return head;
    }

    private static byte[] Sample(string name) => s_samples.GetOrAdd(name, static key =>
    {
        using var resource = typeof(SampleFile).Assembly.GetManifestResourceStream("RunwarePS.Sandbox.Samples." + key)!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    });

    private static byte[] Box(ReadOnlySpan<byte> name, byte[] content) => [.. BigEndian(content.Length + 8), .. name, .. content];

    /// <summary>A Void element at the end of the Segment, whose length is in the eight bytes after its mark.</summary>
    private static byte[] Webm(byte[] sample, byte[] hash)
    {
        byte[] file = [.. sample, 0xEC, (byte)(0x80 | hash.Length), .. hash];
        var length = file.AsSpan(file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x18, 0x53, 0x80, 0x67]) + 8, sizeof(int));
        BinaryPrimitives.WriteInt32BigEndian(length, BinaryPrimitives.ReadInt32BigEndian(length) + file.Length - sample.Length);
        return file;
    }

    /// <summary>An ID3v2.3 tag with a title. Its own length has seven bits in each byte.</summary>
    private static byte[] Id3(byte[] hash)
    {
        var title = Encoding.ASCII.GetBytes(Convert.ToHexString(hash));
        return [.. "ID3"u8, 3, 0, 0, 0, 0, 0, (byte)(title.Length + 11), .. "TIT2"u8, .. BigEndian(title.Length + 1), 0, 0, 0, .. title];
    }

    /// <summary>Every page of an Ogg stream has the stream's serial number and a checksum.</summary>
    private static byte[] Ogg(byte[] hash)
    {
        byte[] file = [.. Sample("audio.ogg")];
        for (var start = 0; start < file.Length;)
        {
            var segments = file[start + 26];
            var length = 27 + segments + file.AsSpan(start + 27, segments).ToArray().Sum(s => s);
            var page = file.AsSpan(start, length);
            hash.AsSpan(0, 4).CopyTo(page[14..]);
            page.Slice(22, 4).Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(page[22..], OggChecksum(page));
            start += length;
        }

        return file;
    }

    private static uint OggChecksum(ReadOnlySpan<byte> page)
    {
        var sum = 0u;
        foreach (var value in page)
        {
            sum ^= (uint)value << 24;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum & 0x8000_0000) == 0 ? sum << 1 : (sum << 1) ^ 0x04C1_1DB7;
            }
        }

        return sum;
    }

    /// <summary>
    /// The sample ends its metadata with a block that isn't marked as the last one: an application block with the seed follows.
    /// </summary>
    private static byte[] Flac(byte[] hash)
    {
        const int StreamInfoEnd = 42;
        byte[] application = [0x80 | 2, .. BigEndian(hash.Length + 4)[1..], .. "seed"u8, .. hash];
        return [.. Sample("audio.flac")[..StreamInfoEnd], .. application, .. Sample("audio.flac")[StreamInfoEnd..]];
    }

    /// <summary>Half a second of a quiet tone between 220 and 731 Hz.</summary>
    private static byte[] Wav(byte[] hash)
    {
        const int SampleRate = 8000;
        const int Samples = SampleRate / 2;
        var pitch = 220 + hash[0] + hash[1];
        var tone = Enumerable.Range(0, Samples).Select(i => (byte)(128 + (20 * Math.Sin(2 * Math.PI * pitch * i / SampleRate))));
        return
        [
            .. "RIFF"u8, .. LittleEndian(36 + Samples),
            .. "WAVEfmt "u8, .. LittleEndian(16), 1, 0, 1, 0, .. LittleEndian(SampleRate), .. LittleEndian(SampleRate), 1, 0, 8, 0,
            .. "data"u8, .. LittleEndian(Samples), .. tone,
        ];
    }

    private static byte[] Svg(byte[] hash) => Encoding.UTF8.GetBytes(
        $"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
          <circle cx="50" cy="50" r="40" fill="#{Convert.ToHexString(hash, 0, 3)}"/>
        </svg>
        """.ReplaceLineEndings("\n"));

    /// <summary>A triangle in a color of its own.</summary>
    private static byte[] Glb(byte[] hash)
    {
        var color = string.Join(",", hash.Take(3).Select(v => (v / 255d).ToString("0.###", CultureInfo.InvariantCulture)));
        var json = $$"""
            {"asset":{"version":"2.0","generator":"RunwarePS sandbox"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],
            "meshes":[{"primitives":[{"attributes":{"POSITION":0},"material":0}]}],
            "materials":[{"pbrMetallicRoughness":{"baseColorFactor":[{{color}},1]},"doubleSided":true}],
            "accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]}],
            "bufferViews":[{"buffer":0,"byteLength":36}],"buffers":[{"byteLength":36}]}
            """;
        var text = Encoding.UTF8.GetBytes(json.PadRight((json.Length + 3) / 4 * 4));
        var points = new byte[36];
        BinaryPrimitives.WriteSingleLittleEndian(points.AsSpan(12), 1);
        BinaryPrimitives.WriteSingleLittleEndian(points.AsSpan(28), 1);
        byte[] chunks = [.. LittleEndian(text.Length), .. "JSON"u8, .. text, .. LittleEndian(points.Length), .. "BIN\0"u8, .. points];
        return [.. "glTF"u8, .. LittleEndian(2), .. LittleEndian(chunks.Length + 12), .. chunks];
    }

    private static byte[] Fbx(byte[] hash) => Encoding.ASCII.GetBytes(
        $$"""
        ; FBX 7.4.0 project file
        FBXHeaderExtension:  {
            FBXHeaderVersion: 1003
            FBXVersion: 7400
            Creator: "RunwarePS sandbox {{Convert.ToHexString(hash, 0, 8)}}"
        }
        Objects:  {
        }
        Connections:  {
        }

        """.ReplaceLineEndings("\n"));

    /// <summary>The length of the header, the header, and one tensor of eight bytes.</summary>
    private static byte[] Safetensors(byte[] hash)
    {
        var header = """{"lora.weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"""u8;
        return [.. LittleEndian(header.Length), 0, 0, 0, 0, .. header, .. hash[..8]];
    }

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] LittleEndian(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
