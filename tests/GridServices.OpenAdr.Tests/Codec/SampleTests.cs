using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.Testing;
using GridServices.Wire;

namespace GridServices.OpenAdr.Tests.Codec;

/// <summary>The collected payloads of other implementations, each with the verdict of the schema.</summary>
public sealed class SampleTests
{
    /// <summary>Against the schema, yet read: what is wrong there changes no meaning.</summary>
    private static readonly Dictionary<string, string> Tolerated = new(StringComparer.Ordinal)
    {
        ["avob_20b/eiregisterparty__oadrCreatePartyRegistration.xml"] = "only the order of elements is wrong (oadrVenName)",
        ["epri_ven_library/created_party_registration-invalid-ven-name.xml"] = "a refusal (452) leaves out what a VTN states to those whom it registers",
        ["epri_ven_library/RegisterReport_XMLOutput1.xml"] = "what is described there is thanked for and not used, whatever its unit",
        ["epri_vtn/poll_w_tls.xml"] = "an unknown element stands beside the known ones; such are ignored",
    };

    /// <summary>Valid, but no payload of OpenADR 2.0b: a fragment cannot be a message.</summary>
    private static bool IsFragment(string root) => root is "currency" or "currencyPerKW" or "currencyPerKWh";

    [Fact]
    public void Every_valid_sample_is_read()
    {
        var refused = Samples().Where(s => s.Valid && !IsFragment(s.Root)).Select(s => (s.File, Refusal: FindRefusal(s.Path))).Where(s => s.Refusal is not null).ToList();
        Assert.Empty(refused);
    }

    [Fact]
    public void Every_invalid_sample_is_refused_with_its_path_unless_the_fault_changes_no_meaning()
    {
        foreach (var (file, _, _, path) in Samples().Where(s => !s.Valid))
        {
            var refusal = FindRefusal(path);
            if (Tolerated.ContainsKey(file))
            {
                Assert.True(refusal is null, $"{file}: {refusal}");
            }
            else
            {
                Assert.True(refusal is { Path.Length: > 1 } && refusal.Path[0] == '/', $"{file}: {refusal}");
            }
        }
    }

    [Fact]
    public void Fragments_are_refused_by_name() =>
        Assert.All(Samples().Where(s => IsFragment(s.Root)), s => Assert.Contains($"'{s.Root}'", FindRefusal(s.Path)!.Detail, StringComparison.Ordinal));

    [Fact]
    public void Payloads_of_2_0a_are_refused_by_name()
    {
        var files = Directory.GetFiles(TestData.Path("openadr/samples/avob_20a"), "*.xml");
        Assert.NotEmpty(files);
        Assert.All(files, f =>
        {
            // Three of the collection are empty or cut off.
            var refusal = FindRefusal(f)!;
            Assert.True(refusal.Class == ErrorClass.Malformed || refusal.Detail.Contains("2.0a", StringComparison.Ordinal), refusal.ToString());
        });
    }

    [Fact]
    public void What_is_read_from_a_sample_and_written_reads_back_equal()
    {
        foreach (var sample in Samples().Where(s => s.Valid && !IsFragment(s.Root)))
        {
            var message = OadrXml.Read(File.ReadAllBytes(sample.Path)).Message;
            Assert.Equal(message, OadrXml.Read(OadrXml.Write(message!, wrapped: sample.File.Length % 2 == 0)).Message);
        }
    }

    private static ReadError? FindRefusal(string path)
    {
        var outcome = OadrXml.Read(File.ReadAllBytes(path));
        Assert.True(outcome.Message is null != outcome.Refusal is null);
        return outcome.Refusal ?? (outcome.Message as OadrDistributeEvent)?.Events.Select(e => e.Unreadable?.Refusal).FirstOrDefault(r => r is not null);
    }

    private static IEnumerable<(string File, string Root, bool Valid, string Path)> Samples()
    {
        var folder = TestData.Path("openadr/samples");
        foreach (var line in File.ReadLines(Path.Combine(folder, "VALIDATION.tsv")).Skip(1))
        {
            var cells = line.Split('\t');
            yield return (cells[0], cells[2].Length > 0 ? cells[2] : cells[1], cells[3] is "True", Path.Combine(folder, cells[0]));
        }
    }
}
