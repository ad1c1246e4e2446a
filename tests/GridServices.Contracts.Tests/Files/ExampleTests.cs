using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace GridServices.Contracts.Tests.Files;

/// <summary>The code keeps to the checked-in examples; ajv keeps the schemas to them (contracts/v1/check).</summary>
public sealed class ExampleTests
{
    /// <summary>Written by us, never read from outside: the schema judges them, the records are wider.</summary>
    private static readonly string[] JudgedBySchemaOnly = ["class-not-ours", "neither"];

    [Fact]
    public void Every_record_has_valid_and_invalid_examples_and_a_golden_sample()
    {
        foreach (var record in ContractRecords.Names)
        {
            Assert.Contains(ContractFolder.Examples, e => e.Record == record && e.Kind == "valid");
            Assert.Contains(ContractFolder.Examples, e => e.Record == record && e.Kind == "invalid");
            Assert.Contains(ContractFolder.Path("golden", $"{record}.json"), ContractFolder.Golden);
        }

        Assert.All(ContractFolder.Examples, e => Assert.Contains(e.Record, ContractRecords.Names));
    }

    [Fact]
    public void Valid_and_golden_files_are_read_and_written_back_without_loss()
    {
        var files = ContractFolder.Examples.Where(e => e.Kind == "valid").Select(e => (e.Record, e.File))
            .Concat(ContractFolder.Golden.Select(g => (Record: Path.GetFileNameWithoutExtension(g), File: g)));
        foreach (var (record, file) in files)
        {
            var json = File.ReadAllBytes(file);
            var (value, problem) = ContractRecords.Read(record, json);
            Assert.True(value is not null, $"{file}: {problem?.Type} at {problem?.Pointer}: {problem?.Detail}");
            var written = ContractRecords.Write(value);
            using var given = JsonDocument.Parse(json);
            using var got = JsonDocument.Parse(written);
            Assert.True(Holds(got.RootElement, given.RootElement), $"{file}: something is lost or changed in {System.Text.Encoding.UTF8.GetString(written)}");
            Assert.True(CanonicalJson.SameContent(value, ContractRecords.Read(record, written).Value!), $"{file}: reads back as something else");
        }
    }

    [Fact]
    public void Files_that_should_fail_do_with_the_class_in_their_name()
    {
        var seen = 0;
        foreach (var (record, kind, file) in ContractFolder.Examples.Where(e => e.Kind != "valid"))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            if (JudgedBySchemaOnly.Contains(name, StringComparer.Ordinal))
            {
                continue;
            }

            var (value, problem) = ContractRecords.Read(record, File.ReadAllBytes(file));
            Assert.True(value is null && problem is not null, $"{file} was accepted");
            if (ContractRecords.HasReader(record))
            {
                Assert.Equal(Path.GetExtension(name), "." + Problems.GetName(Problems.FindClass(problem)!.Value));
            }
            else
            {
                Assert.Equal("invalid", kind);
            }

            seen++;
        }

        Assert.True(seen > 50, $"only {seen} failing examples found");
    }

    [Fact]
    public void Golden_samples_never_change()
    {
        var sums = File.ReadAllLines(ContractFolder.Path("golden", "SHA256SUMS")).Select(l => l.Split("  ")).ToDictionary(l => l[1], l => l[0], StringComparer.Ordinal);

        Assert.Equal(ContractFolder.Golden.Select(Path.GetFileName), sums.Keys.Order(StringComparer.Ordinal));
        Assert.All(ContractFolder.Golden, file => Assert.Equal(sums[Path.GetFileName(file)], Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))));
    }

    [Fact]
    public void The_lock_file_names_no_registry() =>
        Assert.DoesNotContain("\"resolved\"", File.ReadAllText(ContractFolder.Path("check", "package-lock.json")), StringComparison.Ordinal);

    /// <summary>Everything that is in <paramref name="given"/> is in <paramref name="got"/>; more may be (defaults written out).</summary>
    private static bool Holds(JsonElement got, JsonElement given) => given.ValueKind switch
    {
        JsonValueKind.Object => given.EnumerateObject().All(m =>
            got.TryGetProperty(m.Name, out var value) ? Holds(value, m.Value) : m.Value.ValueKind == JsonValueKind.Null),
        JsonValueKind.Array => got.GetArrayLength() == given.GetArrayLength() && got.EnumerateArray().Zip(given.EnumerateArray()).All(p => Holds(p.First, p.Second)),
        JsonValueKind.Number => decimal.Parse(got.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture) == decimal.Parse(given.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture),
        JsonValueKind.String => got.GetString() == given.GetString(),
        _ => got.ValueKind == given.ValueKind,
    };
}
