using System.Text.Json;
using GridServices.Contracts;
using GridServices.OpenAdr.Signatures;
using GridServices.Testing;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Signatures;

/// <summary>What other programs signed is accepted, and what was forged is refused for the right reason (OpenADR 2.0b rule 514, 10.6).</summary>
public sealed class SpecimenTests
{
    private static readonly Instant Clock = Instant.FromUtc(2027, 1, 15, 18, 0);

    public static TheoryData<string> Recorded() =>
        [.. Directory.GetFiles(TestData.Path("openadr/samples/openleadr_signed"), "*.xml").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public static TheoryData<string, string> Forged()
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(TestData.Path("hostile/index.json")));
        var rows = new TheoryData<string, string>();
        foreach (var row in index.RootElement.EnumerateArray().Where(r => r.GetProperty("category").GetString() == "openadr-signed" && r.GetProperty("expected").GetString() == "reject"))
        {
            rows.Add(row.GetProperty("id").GetString()!, row.GetProperty("error_class").GetString()!);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void What_a_python_program_signed_is_verified_by_chain_and_by_pin(string file)
    {
        var xml = File.ReadAllBytes(TestData.Path($"openadr/samples/openleadr_signed/{file}"));
        var signer = Specimens.Pem($"openadr/samples/openleadr_signed/{string.Join('_', file.Split('_')[..2])}.crt");
        foreach (var trust in new[] { Specimens.Pinned(signer), Specimens.Chain(Specimens.Pem("openadr/samples/openleadr_signed/ca.crt"), "localhost") })
        {
            var read = Specimens.Read(xml, trust, Specimens.SentAt(xml));
            Assert.True(read.Message is not null, read.Refusal?.ToString());
            Assert.NotNull(read.Stamp);
        }
    }

    [Theory]
    [InlineData("ds_prefixed_hb_rsa.xml")]
    [InlineData("ds_prefixed_hb_ec.xml")]
    public void What_dotnet_programs_signed_is_verified(string file)
    {
        var xml = File.ReadAllBytes(TestData.Path($"openadr/samples/dotnet_signed/{file}"));
        var read = Specimens.Read(xml, Specimens.Chain(Specimens.Pem("openadr/samples/openleadr_signed/ca.crt"), "localhost"), Specimens.SentAt(xml));
        Assert.True(read.Message is not null, read.Refusal?.ToString());
    }

    [Fact]
    public void Exclusive_canonicalization_is_taken_where_the_setting_says_so()
    {
        Assert.Equal(ErrorClass.AlgC14n, Specimens.Read(Payload("SIG-46"), Trusts()[0], Clock).Refusal!.Class);
        Assert.NotNull(Specimens.Read(Payload("SIG-46"), Trusts()[0], Clock, exclusive: true).Message);
    }

    [Theory]
    [InlineData("SIG-00")]
    [InlineData("SIG-01")]
    public void An_honest_payload_is_accepted(string id)
    {
        foreach (var trust in Trusts())
        {
            var read = Specimens.Read(Payload(id), trust, Clock);
            Assert.True(read.Message is not null, read.Refusal?.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Forged))]
    public void A_forged_payload_is_refused_for_its_reason(string id, string error)
    {
        if (id == "SIG-18")
        {
            // A message sent twice: who remembers nonces refuses the second (ReplayTests).
            Assert.NotNull(Specimens.Read(Payload(id), Trusts()[0], Clock).Stamp);
            return;
        }

        var refusals = Trusts().Select(trust => Specimens.Read(Payload(id), trust, Clock)).ToList();
        Assert.All(refusals, read => Assert.Null(read.Message));
        if (error == "AUTHZ_VTNID")
        {
            // Signed well and without a vtnID: refused as what it says.
            Assert.All(refusals, read => Assert.Equal(ErrorClass.SemanticId, read.Refusal!.Class));
            return;
        }

        Assert.Contains(error, refusals.Select(read => Problems.GetName(read.Refusal!.Class)));
    }

    /// <summary>A verifier keeps the certificates and the key of the signer before: whoever comes after an honest message is judged as if it came first.</summary>
    [Theory]
    [InlineData("SIG-00")]
    [InlineData("SIG-01")]
    public void A_forged_payload_after_an_honest_one_is_refused_as_if_it_came_first(string honest)
    {
        foreach (var (first, kept) in Trusts().Zip(Trusts()))
        {
            var verifier = new SignatureVerifier(Specimens.Window, false, kept.Validate);
            foreach (var row in Forged())
            {
                var id = row.Data.Item1;
                Assert.NotNull(Specimens.Read(Payload(honest), verifier, Clock).Message);
                Assert.Equal(Specimens.Read(Payload(id), first, Clock).Refusal?.ToString(), Specimens.Read(Payload(id), verifier, Clock).Refusal?.ToString());
            }

            var late = Specimens.Read(Payload(honest), verifier, Clock + Duration.FromDays(40_000)).Refusal;
            Assert.NotNull(late);
            Assert.NotNull(Specimens.Read(Payload(honest == "SIG-00" ? "SIG-01" : "SIG-00"), verifier, Clock).Message);
        }
    }

    private static SignerTrust[] Trusts() =>
    [
        Specimens.Chain(Specimens.Pem("hostile/pki/rsa-root.pem", "hostile/pki/ecc-root.pem"), "vtn-test"),
        Specimens.Pinned(Specimens.Pem("hostile/pki/vtn-rsa.pem", "hostile/pki/vtn-ecc.pem")),
    ];

    private static byte[] Payload(string id) => File.ReadAllBytes(TestData.Path($"hostile/openadr-signed/{id}.xml"));
}
