using System.Text.Json;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Configuration;

/// <summary>What people write, and what they are told of it.</summary>
public sealed class DerClientConfigTests
{
    [Fact]
    public void Two_members_are_enough()
    {
        var config = Read("""{ "serverUrl": "https://utility.example/dcap", "siteId": "site-1" }""");
        Assert.Empty(DerClientConfigRules.Check(config));
        Assert.Equal("site-1", config.AllDevices().Single().SiteId);
    }

    [Fact]
    public void A_full_configuration_reads_and_holds()
    {
        var config = Read("""
            { "serverUrl": "https://utility.example", "discovery": "wellKnown", "edition": "csip-aus-1.3", "mode": "aggregator", "pen": 37244,
              "devices": [ { "siteId": "site-1", "lfdi": "auto", "pin": "111115", "nmi": "6001234567", "assets": ["pv-1"], "nameplate": { "maxW": 10000, "setMaxW": 8000, "type": 83 } },
                           { "siteId": "site-2", "lfdi": "3E4F45AB31EDFE5B67E343E5E4562E3100037244" } ],
              "programs": [ { "program": "2000000000000001000000010000917C", "stream": "DOE", "tier": "regulatory" } ],
              "gapBridging": "PT5S", "fallback": { "exportLimitW": 1500 }, "failsafe": { "staleAfter": "PT2M", "onStale": "failsafe", "limits": { "exportLimitW": 0 } },
              "polling": { "floor": "PT1S" }, "reporting": { "postRate": "PT1M" }, "responseCodes": "2023",
              "transport": { "clientCertificate": "client.pem", "trustedRoots": "serca.pem", "serverName": "chainOnly" } }
            """);
        Assert.Empty(DerClientConfigRules.Check(config));
        Assert.Equal((DerEdition.CsipAus13, Duration.FromSeconds(5)), (config.Edition!.Value, config.GapBridging));
    }

    [Theory]
    [InlineData("""{ "serverUrl": "dcap", "siteId": "site-1" }""", "/serverUrl")]
    [InlineData("""{ "serverUrl": "ftp://utility.example/dcap", "siteId": "site-1" }""", "/serverUrl")]
    [InlineData("""{ "serverUrl": "https://me:secret@utility.example/dcap", "siteId": "site-1" }""", "/serverUrl")]
    [InlineData("""{ "serverUrl": "https://utility.example/", "discovery": "deviceCapability", "siteId": "site-1" }""", "/serverUrl")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap" }""", "/siteId")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "a/b" }""", "/siteId")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "devices": [ { "siteId": "t" } ] }""", "/siteId")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "devices": [ { "siteId": "s" }, { "siteId": "t" } ] }""", "/devices")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "mode": "aggregator", "devices": [ { "siteId": "s" }, { "siteId": "s" } ] }""", "/devices/1/siteId")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "mode": "aggregator", "pen": 37244, "devices": [ { "siteId": "s", "lfdi": "3E4F45AB31EDFE5B67E343E5E4562E3100000000" } ] }""", "/devices/0/lfdi")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "pin": "111116" }""", "/pin")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "lfdi": "12" }""", "/lfdi")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "nameplate": { "maxW": 100, "setMaxW": 101 } }""", "/nameplate/setMaxW")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "polling": { "floor": "PT2H", "ceiling": "PT1H" } }""", "/polling/floor")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "polling": { "pageSize": 0 } }""", "/polling/pageSize")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "fallback": { "exportLimitW": -1 } }""", "/fallback/exportLimitW")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "failsafe": { "staleAfter": "PT2M", "onStale": "failsafe" } }""", "/failsafe/limits")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "programs": [ { "program": "A1" }, { "program": "a1" } ] }""", "/programs/1/program")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "nameplate": { "type": 7 } }""", "/nameplate/type")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "nmi": "20019857327" }""", "/nmi")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "nmi": "2OO1985732" }""", "/nmi")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "edition": "csip-aus-1.2" }""", "/pen")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "edition": "csip-aus-1.3" }""", "/pen")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "nominalHz": 55 }""", "/nominalHz")]
    [InlineData("""{ "serverUrl": "https://utility.example/dcap", "siteId": "s", "deviceCategory": "EVSE" }""", "/deviceCategory")]
    public void What_can_not_work_is_named_with_its_place(string json, string pointer)
    {
        var problems = DerClientConfigRules.Check(Read(json));
        Assert.Contains(problems, p => p.Pointer == pointer);
        Assert.All(problems, p => Assert.False(string.IsNullOrWhiteSpace(p.Detail)));
    }

    [Theory]
    [InlineData("""{ "serverUrl": "https://u.example/dcap", "siteId": "s", "edition": "csip-aus-1.3", "pen": 37244 }""", 0)]
    [InlineData("""{ "serverUrl": "https://u.example/dcap", "siteId": "s", "edition": "csip-aus-1.3", "reporting": { "enabled": false } }""", 0)]
    [InlineData("""{ "serverUrl": "https://u.example/dcap", "siteId": "s", "edition": "csip-aus-1.3" }""", 37244)]
    [InlineData("""{ "serverUrl": "https://u.example/dcap", "mode": "aggregator", "edition": "csip-aus-1.3", "devices": [ { "siteId": "s", "lfdi": "3E4F45AB31EDFE5B67E343E5E4562E3100037244" } ] }""", 0)]
    [InlineData("""{ "serverUrl": "https://u.example/dcap", "siteId": "s", "edition": "ieee-2030.5-2018" }""", 0)]
    public void An_enterprise_number_is_asked_for_only_where_it_is_needed_and_nothing_tells_it(string json, int derived) =>
        Assert.Empty(DerClientConfigRules.Check(Read(json), derived));

    [Theory]
    [InlineData("1.3.6.1.4.1.37244.1.2", 37244)]
    [InlineData("1.3.6.1.4.1.40732.1.3", 0)]
    [InlineData("1.3.6.1.4.1", 0)]
    [InlineData("2.5.29.17", 0)]
    [InlineData(null, 0)]
    public void A_hardware_type_tells_its_makers_number_and_the_standards_own_arc_none(string? oid, int pen) => Assert.Equal(pen, Pens.FromHardwareType(oid));

    [Theory]
    [InlineData("2001985732", '8')]
    [InlineData("3075621875", '8')]
    [InlineData("4316854006", '7')]
    [InlineData("NBBBX11110", '0')]
    [InlineData("QAAAVZZZZZ", '3')]
    [InlineData("QCDWW00010", '2')]
    public void The_check_digit_of_an_NMI_is_that_of_the_published_examples(string nmi, char digit)
    {
        Assert.Equal(digit, Ieee2030Dot5.Identity.Nmi.CheckDigit(nmi));
        Assert.Null(Ieee2030Dot5.Identity.Nmi.FindFault(nmi + digit));
        Assert.Contains($"comes {digit}", Ieee2030Dot5.Identity.Nmi.FindFault(nmi + (char)(digit == '9' ? '0' : digit + 1)), StringComparison.Ordinal);
    }

    private static DerClientConfig Read(string json) => JsonSerializer.Deserialize<DerClientConfig>(json, ContractJson.Options)!;
}
