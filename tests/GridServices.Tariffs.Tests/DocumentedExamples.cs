using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Carbon;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Statements;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Tests;

/// <summary>docs/tariffs.md says nothing that the library does not do.</summary>
public sealed class DocumentedExamples
{
    [Fact]
    public void Every_documented_request_gets_its_documented_answer()
    {
        var blocks = Blocks().ToArray();
        var requests = blocks.Where(b => b.Kind is "request" or "live" or "statement" or "carbon").ToArray();
        Assert.True(requests.Length >= 7 && requests.Length == blocks.Count(b => b.Kind == "answer"));
        var failures = blocks.Zip(blocks.Skip(1)).Where(pair => pair.First.Kind == "request").SelectMany(pair => Check(pair.First.Text, pair.Second.Text))
            .Concat(blocks.Zip(blocks.Skip(1)).Where(pair => pair.First.Kind == "live").SelectMany(pair => Missing(JsonDocument.Parse(pair.Second.Text).RootElement, Live(pair.First.Text), "")))
            .Concat(blocks.Zip(blocks.Skip(1)).Where(pair => pair.First.Kind == "statement").SelectMany(pair => Missing(JsonDocument.Parse(pair.Second.Text).RootElement, Shadowed(pair.First.Text), "")))
            .Concat(blocks.Zip(blocks.Skip(1)).Where(pair => pair.First.Kind == "carbon").SelectMany(pair => Missing(JsonDocument.Parse(pair.Second.Text).RootElement, Emitted(pair.First.Text), ""))).ToList();
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    /// <summary>Where a documented meter stands after its readings, and what it would publish.</summary>
    private static JsonElement Live(string text)
    {
        var given = JsonDocument.Parse(text).RootElement;
        ImmutableArray<CompiledTariff> tariff = [CompiledTariff.Compile(TariffJson.Read(Encoding.UTF8.GetBytes(given.GetProperty("tariff").GetRawText())).OrThrow())];
        var plan = MeterPlanJson.Read(Encoding.UTF8.GetBytes(given.GetProperty("meter").GetRawText()), _ => tariff).OrThrow();
        var readings = given.GetProperty("readings").Deserialize<Reading[]>(ContractJson.Options)!;
        var step = LiveMeter.Read(plan, tariff, MeterMemory.Empty, readings, NodaTime.Text.InstantPattern.ExtendedIso.Parse(given.GetProperty("now").GetString()!).Value);
        var (state, draft) = (step.States[0], step.Drafts[0]);
        return JsonSerializer.SerializeToElement(
            new
            {
                state.Charge,
                state.Period,
                state.EnergyInWindowKwh,
                state.TargetKw,
                HeadroomKw = decimal.Round(state.Headroom!.AllowableKw, 6),
                state.MarginalPrice,
                BreachPrice = draft.Breach is { } breach ? $"{ExactDecimal.Text(breach.Amount)} {breach.Currency}/kW" : null,
                Stale = draft.IsStale,
                Segments = draft.Segments.Select(s => new { s.Until, s.Limits.ImportLimitW }),
            },
            TariffJson.AnswerOptions);
    }

    private static JsonElement Shadowed(string text) => JsonSerializer.SerializeToElement(StatementRequest.Read(Encoding.UTF8.GetBytes(text)).OrThrow().Compare(), TariffJson.AnswerOptions);

    private static JsonElement Emitted(string text) => JsonSerializer.SerializeToElement(CarbonRequestJson.Read(Encoding.UTF8.GetBytes(text)).OrThrow().Report(), TariffJson.AnswerOptions);

    private static IEnumerable<string> Check(string request, string answer)
    {
        var bill = BillRequestJson.Read(Encoding.UTF8.GetBytes(request)).OrThrow().Bill();
        Assert.Equal(bill.Total, bill.Replay());
        return Missing(JsonDocument.Parse(answer).RootElement, JsonDocument.Parse(BillJson.Write(bill)).RootElement, "");
    }

    private static IEnumerable<string> Missing(JsonElement wanted, JsonElement actual, string at)
    {
        if (wanted.ValueKind == JsonValueKind.Object && actual.ValueKind == JsonValueKind.Object)
        {
            return wanted.EnumerateObject().SelectMany(m => actual.TryGetProperty(m.Name, out var value) ? Missing(m.Value, value, $"{at}/{m.Name}") : [$"{at}/{m.Name} is not in the answer"]);
        }

        if (wanted.ValueKind == JsonValueKind.Array && actual.ValueKind == JsonValueKind.Array && wanted.GetArrayLength() == actual.GetArrayLength())
        {
            return wanted.EnumerateArray().Zip(actual.EnumerateArray()).SelectMany((pair, i) => Missing(pair.First, pair.Second, $"{at}/{i}"));
        }

        return wanted.GetRawText() == actual.GetRawText() ? [] : [$"{at}: documented {wanted.GetRawText()}, got {actual.GetRawText()}"];
    }

    private static IEnumerable<(string Kind, string Text)> Blocks()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GridServices.sln")))
        {
            folder = folder.Parent!;
        }

        var parts = File.ReadAllText(Path.Combine(folder.FullName, "docs", "tariffs.md")).Split("```json ");
        return parts.Skip(1).Select(p => (p[..p.IndexOf('\n', StringComparison.Ordinal)].Trim(), p[p.IndexOf('\n', StringComparison.Ordinal)..p.IndexOf("```", StringComparison.Ordinal)]));
    }
}
