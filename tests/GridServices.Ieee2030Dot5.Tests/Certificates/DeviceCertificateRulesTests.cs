using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.Ieee2030Dot5.Certificates;
using GridServices.Testing;

namespace GridServices.Ieee2030Dot5.Tests.Certificates;

/// <summary>COMM-004: which chains are taken.</summary>
public sealed class DeviceCertificateRulesTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_chain_of_two_to_four_by_the_profile_has_no_fault(int length) => Assert.Empty(DeviceCertificateRules.Check(TestChain.Create(length)));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void Any_other_length_is_refused(int length) => Assert.Contains(Refused(TestChain.Create(length)), f => f.Rule is "chain-depth");

    [Fact]
    public void An_authority_can_not_stand_for_a_device() => Refuses("basic-constraints", 2, 0, d => d.Put(new X509BasicConstraintsExtension(true, false, 0, true)));

    [Fact]
    public void Key_usage_must_be_there_and_critical()
    {
        Refuses("key-usage", 3, 0, d => d.Drop("2.5.29.15"));
        Refuses("key-usage", 3, 1, d => d.Put(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, false)));
    }

    [Fact]
    public void A_device_signs_and_issues_nothing()
    {
        Refuses("key-usage", 2, 0, d => d.Put(new X509KeyUsageExtension(X509KeyUsageFlags.KeyAgreement, true)));
        Refuses("key-usage", 2, 0, d => d.Put(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign, true)));
    }

    [Fact]
    public void An_authority_says_so_in_basic_constraints()
    {
        Refuses("basic-constraints", 3, 1, d => d.Drop("2.5.29.19"));
        Refuses("basic-constraints", 3, 1, d => d.Put(new X509BasicConstraintsExtension(true, true, 0, false)));
        Refuses("basic-constraints", 3, 2, d => d.Put(new X509BasicConstraintsExtension(false, false, 0, true)));
        Refuses("key-usage", 3, 1, d => d.Put(new X509KeyUsageExtension(X509KeyUsageFlags.CrlSign, true)));
        Refuses("path-length", 4, 3, d => d.Put(new X509BasicConstraintsExtension(true, true, 1, true)));
    }

    [Fact]
    public void Policies_must_be_critical_legible_and_of_smart_energy()
    {
        Refuses("policies", 3, 0, d => d.Drop("2.5.29.32"));
        Refuses("policies", 3, 0, d => d.Put(TestChain.Policies(false, TestChain.DevicePolicy)));
        Refuses("policies", 3, 0, d => d.Put(TestChain.Policies(true, "1.2.3.4")));
        Refuses("policies", 3, 0, d => d.Put(new X509Extension("2.5.29.32", [0x30, 0x05, 0x01], true)));
        Refuses("policies", 3, 1, d => d.Put(TestChain.Policies(false, TestChain.AnyPolicy)));
    }

    [Fact]
    public void An_issuer_without_authority_for_the_policy_is_refused()
    {
        Refuses("policies", 3, 1, d => d.Put(TestChain.Policies(true, "1.3.6.1.4.1.40732.1.2")), at: 0);
        Assert.Empty(Refused(TestChain.Create(3, (depth, d) =>
        {
            if (depth == 1)
            {
                d.Put(TestChain.Policies(true, TestChain.DevicePolicy));
            }
        })));
    }

    [Fact]
    public void A_root_without_policies_is_remarked_only()
    {
        var faults = DeviceCertificateRules.Check(TestChain.Create(2, (depth, d) =>
        {
            if (depth == 1)
            {
                d.Drop("2.5.29.32");
            }
        }));
        Assert.Equal([("policies", false)], faults.Select(f => (f.Rule, f.Refused)));
    }

    [Fact]
    public void A_device_is_named_by_its_hardware_module()
    {
        Refuses("subject-alt-name", 3, 0, d => d.Drop("2.5.29.17"));
        Refuses("subject-alt-name", 3, 0, d => d.Put(TestChain.HardwareName(critical: false)));
        Refuses("hardware-module-name", 3, 0, d => d.Put(TestChain.HardwareName(critical: true, "1.2.3.4")));
        Refuses("hardware-module-name", 3, 0, d => d.Put(new X509Extension("2.5.29.17", [0x30, 0x03, 0xA0, 0x01, 0x05], true)));
        Assert.True(HardwareModuleName.TryRead(TestChain.Create(2)[0], out var name));
        Assert.Equal(new HardwareModuleName("1.3.6.1.4.1.99999.1", "01AB"), name);
    }

    [Fact]
    public void A_subject_and_an_end_are_remarked_only()
    {
        var faults = DeviceCertificateRules.Check(TestChain.Create(2, (depth, d) =>
        {
            if (depth == 0)
            {
                (d.Subject, d.Until) = ("CN=device", new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
            }
        }));
        Assert.Equal([("subject", false), ("not-after", false)], faults.Select(f => (f.Rule, f.Refused)));
    }

    [Fact]
    public void A_server_is_named_by_its_host()
    {
        static void Server(int depth, TestChain.Draft d)
        {
            if (depth == 0)
            {
                var names = new SubjectAlternativeNameBuilder();
                names.AddDnsName("utility.example");
                (d.Subject, d.Until) = ("CN=utility.example", new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
                d.Put(names.Build(critical: true));
            }
        }

        Assert.Empty(DeviceCertificateRules.Check(TestChain.Create(4, Server), CertificateRole.Server));
        Assert.Contains(Refused(TestChain.Create(4, Server)), f => f.Rule is "hardware-module-name");
    }

    [Theory]
    [InlineData("2.5.29.30", "name-constraints", false)]
    [InlineData("2.5.29.33", "policy-mappings", true)]
    [InlineData("1.2.3.4.5", "unknown-critical", true)]
    public void Extensions_without_a_place_in_the_profile_are_refused_at_every_depth(string oid, string rule, bool critical)
    {
        for (var depth = 0; depth < 4; depth++)
        {
            Refuses(rule, 4, depth, d => d.Put(new X509Extension(oid, [0x30, 0x00], critical)));
        }
    }

    [Fact]
    public void An_unknown_extension_that_is_not_critical_does_not_matter() =>
        Assert.Empty(DeviceCertificateRules.Check(TestChain.Create(3, (_, d) => d.Put(new X509Extension("1.2.3.4.5", [0x30, 0x00], false)))));

    [Fact]
    public void Key_identifiers_must_not_be_critical() =>
        Refuses("key-identifier", 3, 1, d => d.Put(new X509SubjectKeyIdentifierExtension(new PublicKey(d.Key), true)));

    [Fact]
    public void Extensions_that_can_not_be_read_are_refused_not_thrown()
    {
        Refuses("malformed", 3, 0, d => d.Put(new X509Extension("2.5.29.15", [0x05, 0x00], true)));
        Refuses("malformed", 3, 1, d => d.Put(new X509Extension("2.5.29.19", [0x30, 0x01], true)));
    }

    [Fact]
    public void Keys_and_signatures_are_those_of_the_cipher_suite()
    {
        Refuses("key", 2, 0, d => d.Key = ECDsa.Create(ECCurve.NamedCurves.nistP384));
        Refuses("signature", 2, 0, d => d.Hash = HashAlgorithmName.SHA384);
    }

    [Fact]
    public void A_certificate_stands_under_the_one_that_issued_it() => Refuses("issuer", 3, 0, d => d.Issuer = "CN=somebody else");

    [Fact]
    public void The_chain_of_the_shared_vectors_is_taken()
    {
        var folder = TestData.Path("ieee2030-5/vectors/certs");
        X509Certificate2 Load(string name) => X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, name + ".crt"));
        var device = DeviceCertificateRules.Check([Load("device1"), Load("mica"), Load("mca"), Load("serca")]);
        Assert.Equal(["not-after"], device.Select(f => f.Rule));
        Assert.Empty(DeviceCertificateRules.Check([Load("server"), Load("mica"), Load("mca"), Load("serca")], CertificateRole.Server));
    }

    private static void Refuses(string rule, int length, int depth, Action<TestChain.Draft> spoil, int? at = null)
    {
        var faults = Refused(TestChain.Create(length, (d, draft) =>
        {
            if (d == depth)
            {
                spoil(draft);
            }
        }));
        Assert.Contains(faults, f => string.Equals(f.Rule, rule, StringComparison.Ordinal) && f.Depth == (at ?? depth));
    }

    private static List<CertificateFault> Refused(IReadOnlyList<X509Certificate2> chain) => DeviceCertificateRules.Check(chain).Where(f => f.Refused).ToList();
}
