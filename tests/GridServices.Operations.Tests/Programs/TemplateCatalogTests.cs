using System.Text.Json;
using GridServices.Operations.Programs;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Settlement;

namespace GridServices.Operations.Tests.Programs;

public sealed class TemplateCatalogTests
{
    [Fact]
    public void Every_program_that_was_asked_for_is_there()
    {
        string[] wanted =
        [
            "CONED-CSRP", "CONED-DLRP", "CSIP-AUS-SAPN", "CSIP-AUS-VIC", "DUKE-POWERSHARE", "ERCOT-ERS", "GB-DCL", "HQ-COMMITMENT", "IEEE2030-5-PLAIN", "NESO-DFS", "OPENADR-PLAIN",
            "PGE-ADR", "PGE-CBP", "PGE-ELRP-A1", "PGE-ELRP-A2", "PGE-ELRP-A3", "PGE-ELRP-A4", "PGE-ELRP-A5", "SCE-CPP", "SCE-ELRP",
        ];
        Assert.Equal(wanted, TemplateCatalog.All.Select(t => t.Code));
        Assert.Null(TemplateCatalog.Find("PGE-ELRP-A9"));
    }

    [Fact]
    public void Every_template_is_written_and_read_back_as_it_was() => Assert.All(TemplateCatalog.All, template =>
    {
        var written = TemplateReader.Write(template);
        var read = TemplateReader.Read(written);
        Assert.Empty(read.Refusals);
        Assert.Equal(written, TemplateReader.Write(read.Template!));
    });

    [Fact]
    public void Every_source_is_named() => Assert.All(TemplateCatalog.All, template =>
    {
        using var document = JsonDocument.Parse(TemplateReader.Write(template));
        Assert.All(Sources(document.RootElement), source => Assert.True(source.Length >= 5, $"{template.Code}: '{source}'"));
        Assert.All(FactsWithout(document.RootElement, string.Empty), pointer => Assert.Fail($"{template.Code}{pointer} has a number without source"));
    });

    [Fact]
    public void Every_baseline_is_one_that_Tariffs_takes() => Assert.All(TemplateCatalog.All.Where(t => t.Baseline is not null), template =>
    {
        var rule = template.Baseline!.Rule.Deserialize<BaselineRule>(TariffJson.Options);
        Assert.InRange(rule!.Select, 1, rule.WindowDays);
    });

    [Fact]
    public void Every_OpenADR_program_tells_what_its_levels_mean() => Assert.All(
        TemplateCatalog.All.Where(t => t.Protocol == ProgramProtocol.OpenAdr20b),
        template => Assert.Equal([0, 1, 2, 3], template.Signals!.Levels.Select(l => l.Level)));

    [Fact]
    public void Every_frequency_service_is_in_the_catalog_of_that_service() => Assert.All(
        TemplateCatalog.All.Where(t => t.FrequencyService is not null),
        template => Assert.Contains(template.FrequencyService, FrequencyResponse.Catalog.ServiceCatalog.BuiltIn.Services.Select(s => s.Id)));

    [Fact]
    public void Programs_that_exist_and_may_be_combined_say_so_on_both_sides() => Assert.All(TemplateCatalog.All, template =>
        Assert.All(template.DualWith.Select(TemplateCatalog.Find).OfType<ProgramTemplate>(), other => Assert.Contains(template.Code, other.DualWith)));

    [Fact]
    public void Windows_of_Con_Edison_are_the_choices_of_its_question()
    {
        var csrp = TemplateCatalog.Find("CONED-CSRP")!;
        Assert.Equal(csrp.Calendar.Windows.Select(w => w.Id), csrp.RequiredFields.Single(f => f.Name == "callWindow").Choices);
    }

    private static IEnumerable<string> Sources(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(m => m.NameEquals("source") ? [m.Value.GetString()!] : Sources(m.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Sources),
        _ => [],
    };

    /// <summary>Members of limits and payment are facts; a bare number among them has no source.</summary>
    private static IEnumerable<string> FactsWithout(JsonElement template, string at) =>
        from part in new[] { "limits", "payment" }
        from member in template.GetProperty(part).EnumerateObject()
        where member.Value.ValueKind == JsonValueKind.Number
        select $"{at}/{part}/{member.Name}";
}
