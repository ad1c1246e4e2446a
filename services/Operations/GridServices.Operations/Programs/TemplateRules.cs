using System.Text.Json;
using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Programs;

/// <summary>What a template must fulfil beyond its form.</summary>
internal sealed class TemplateRules
{
    private static readonly string[] Sources = ["site", "customer", "meter", "enrollment", "nomination", "answers", "contact", "certificate", "identity", "text"];

    private readonly List<ReadError> _refusals = [];

    public static IReadOnlyList<ReadError> Check(ProgramTemplate template)
    {
        var rules = new TemplateRules();
        rules.Head(template);
        rules.Calendar(template.Calendar);
        rules.Programs(template);
        rules.Fields(template);
        rules.Terms(template);
        return rules._refusals;
    }

    private void Head(ProgramTemplate template)
    {
        Require(template.Code.Length is > 0 and <= 64 && template.Code.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c is '-' or '.'),
            "/code", "is made of upper-case letters, digits, dashes and points");
        Require(template.Version >= 1, "/version", "counts from 1");
        Require(template.Country is null || (template.Country.Length == 2 && template.Country.All(char.IsAsciiLetterUpper)), "/country", "is two upper-case letters (ISO 3166)");
        Require(DateTimeZoneProviders.Tzdb.GetZoneOrNull(template.TimeZone) is not null, "/timeZone", $"there is no time zone {SafeText.Quote(template.TimeZone)}; write its IANA name, such as America/Los_Angeles");
        Require(template.Payment.Currency.Length == 3 && template.Payment.Currency.All(char.IsAsciiLetterUpper), "/payment/currency", "is three upper-case letters (ISO 4217)");
        Require(template.Signals is null || template.Protocol == ProgramProtocol.OpenAdr20b, "/signals", "only OpenADR programs have signals; leave it out");
    }

    private void Calendar(ProgramCalendar calendar)
    {
        for (var i = 0; i < calendar.ExcludedDays.Count; i++)
        {
            var day = calendar.ExcludedDays[i];
            var ways = (day.Annual is null ? 0 : 1) + (day.EasterOffset is null ? 0 : 1) + (day.Nth is null ? 0 : 1);
            Require(ways == 1, $"/calendar/excludedDays/{i}", "is told by exactly one of annual, easterOffset and nth");
            Require(day.Through is null || day.Annual is not null, $"/calendar/excludedDays/{i}/through", "goes with annual only");
            Require(day.Nth is null or { Month: >= 1 and <= 12, N: -1 or (>= 1 and <= 5) }, $"/calendar/excludedDays/{i}/nth", "has a month of 1 to 12 and a number of 1 to 5, or -1");
        }

        Require(calendar.Windows.Select(w => w.Id).Distinct(StringComparer.Ordinal).Count() == calendar.Windows.Count, "/calendar/windows", "two windows have the same id");
    }

    private void Programs(ProgramTemplate template)
    {
        Require(!template.ExclusiveWith.Contains(template.Code), "/exclusiveWith", "names this program itself");
        foreach (var both in template.DualWith.Intersect(template.ExclusiveWith, StringComparer.Ordinal))
        {
            Fail("/dualWith", $"{both} is also in exclusiveWith; keep it in one of them");
        }
    }

    private void Fields(ProgramTemplate template)
    {
        var names = template.RequiredFields.Select(f => f.Name).ToList();
        for (var i = 0; i < template.RequiredFields.Count; i++)
        {
            var field = template.RequiredFields[i];
            var at = $"/requiredFields/{i}";
            Require(field.Name.Length is > 0 and <= 64 && char.IsAsciiLetterLower(field.Name[0]) && field.Name.All(char.IsAsciiLetterOrDigit), $"{at}/name", "is camelCase of letters and digits");
            Require(names.IndexOf(field.Name) == i, $"{at}/name", $"{SafeText.Quote(field.Name)} is asked twice");
            Require(field.Type == FieldType.Choice == field.Choices.Count > 0, $"{at}/choices", "belongs to a choice, and a choice needs it");
            Require(field.Min is null || field.Max is null || field.Min <= field.Max, $"{at}/min", "is above max");
            Require(field.When is null || (names.IndexOf(field.When.Field) is >= 0 and var asked && asked < i), $"{at}/when", "must name a field that is asked before this one");
        }

        for (var i = 0; i < template.RequiredDocuments.Count; i++)
        {
            var when = template.RequiredDocuments[i].When;
            Require(when is null || names.Contains(when.Field), $"/requiredDocuments/{i}/when", "names a field that is not asked");
        }

        Columns(template, names);
    }

    private void Columns(ProgramTemplate template, List<string> names)
    {
        for (var i = 0; i < template.ExportColumns.Count; i++)
        {
            var from = template.ExportColumns[i].From;
            var source = from.Split(['.', ':'], 2);
            Require(source.Length == 2 && Sources.Contains(source[0], StringComparer.Ordinal), $"/exportColumns/{i}/from", $"starts with one of {string.Join(", ", Sources)}");
            Require(source[0] != "answers" || names.Contains(source[^1]), $"/exportColumns/{i}/from", $"{SafeText.Quote(from)} is no field of this template");
        }
    }

    private void Terms(ProgramTemplate template)
    {
        Require(template.Nomination.Rule == NominationRule.None || template.Nomination.DueDaysBefore is { Value: >= 0 and <= 400 }, "/nomination/dueDaysBefore", "a program with nominations has a deadline for them");
        Require(template.Nomination.Rule != NominationRule.PerSeason || template.Calendar.Seasons.Count > 0, "/nomination/rule", "perSeason needs a season");
        var ladder = template.Payment.Ladder;
        Require(ladder.Zip(ladder.Skip(1)).All(p => p.First.FromPerformance < p.Second.FromPerformance), "/payment/ladder", "must ascend in fromPerformance");
        foreach (var (level, count) in (template.Signals?.Levels ?? []).CountBy(l => l.Level))
        {
            Require(level is >= 0 and <= 3 && count == 1, "/signals/levels", "has each of the levels 0 to 3 at most once");
        }

        foreach (var level in (template.Signals?.Levels ?? []).Where(l => l.Import == LevelLimit.Answer))
        {
            Require(template.RequiredFields.Any(f => f.Name == level.Field), "/signals/levels", $"level {level.Level} refers to {SafeText.Quote(level.Field ?? string.Empty)}, which is no field of this template");
        }

        Require(template.OptSchedules is null || template.Protocol == ProgramProtocol.OpenAdr20b, "/optSchedules", "only OpenADR programs have opt schedules; leave it out");
        Require(template.OptSchedules?.Field is not { } asked || template.RequiredFields.Any(f => f.Name == asked && f.Type == FieldType.Boolean), "/optSchedules/field", "names a yes/no question (type boolean) of requiredFields");
        if (template.Baseline is { } baseline)
        {
            Baseline(template, baseline);
        }
    }

    private void Baseline(ProgramTemplate template, BaselineTerms baseline)
    {
        Require(baseline.Rule.ValueKind == JsonValueKind.Object, "/baseline/rule", "is an object as Tariffs takes it");
        Require(
            baseline.Fallbacks is not { } fallbacks || (fallbacks.ValueKind == JsonValueKind.Array && fallbacks.EnumerateArray().All(f => f.ValueKind == JsonValueKind.Object && f.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)),
            "/baseline/fallbacks", "is a list of rules as Tariffs takes them, each with a name");
        if (baseline.Weather is not { } weather)
        {
            return;
        }

        Require(weather.Station is null != weather.Field is null, "/baseline/weather", "names a station, or a field that is answered with one, and not both");
        Require(weather.Station is null || Identifiers.IsSafe(weather.Station), "/baseline/weather/station", "is made of A-Z a-z 0-9 . _ : ~ -, at most 128 of them");
        Require(
            weather.Field is null || template.RequiredFields.Any(f => f.Name == weather.Field && f.Type is FieldType.Text or FieldType.Choice),
            "/baseline/weather/field", "names a question of requiredFields of type text or choice");
    }

    private void Require(bool holds, string pointer, string detail)
    {
        if (!holds)
        {
            Fail(pointer, detail);
        }
    }

    private void Fail(string pointer, string detail) => _refusals.Add(new ReadError(ErrorClass.Configuration, pointer, detail));
}
