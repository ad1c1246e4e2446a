using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Testing;
using NodaTime;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.FailsafeMachines;

/// <summary>The scripts of this folder as data (contracts/v1/scripts): the clients in Python and TypeScript are held to the very same, step by step.</summary>
public sealed class ScriptsTests
{
    private const int Histories = 24;
    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly Type[] Written = [typeof(ClockTests), typeof(FailsafeMachineTests), typeof(FieldFaultTests), typeof(HistoryTests), typeof(KnownTests), typeof(OwnRuleTests)];

    [Fact]
    public void The_scripts_as_data_are_those_of_the_tests() => AreAsWritten("failsafe.json", [.. Written.SelectMany(Cases).SelectMany(Record)]);

    [Fact]
    public void So_are_histories_that_nobody_thought_of() =>
        AreAsWritten("failsafe-drawn.json", [.. Enumerable.Range(1, Histories).SelectMany(seed => Record(($"drawn {seed}", () => Draw(new Lot((uint)seed)))))]);

    private static IEnumerable<(string Name, Action Run)> Cases(Type type) => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(m => m.ReturnType == typeof(void) && m.GetCustomAttributes<FactAttribute>().Any()).OrderBy(m => m.Name, StringComparer.Ordinal)
        .SelectMany(m => Arguments(m).Select((a, i) => (
            $"{type.Name}.{m.Name}{(a.Length == 0 ? string.Empty : $" {i + 1}")}",
            (Action)(() => m.Invoke(Activator.CreateInstance(type), a)))));

    private static IEnumerable<object?[]> Arguments(MethodInfo method) => method.GetCustomAttributes<InlineDataAttribute>().Select(d => d.Data).DefaultIfEmpty([]);

    private static IEnumerable<JsonObject> Record((string Name, Action Run) test)
    {
        var scripts = ScriptRecord.Kept = [];
        try
        {
            test.Run();
        }
        finally
        {
            ScriptRecord.Kept = null;
        }

        return scripts.Select((script, i) =>
        {
            script.Insert(0, "name", $"{test.Name}{(i == 0 ? string.Empty : $" ({i + 1})")}");
            return script;
        });
    }

    private static void AreAsWritten(string name, IReadOnlyList<JsonObject> scripts)
    {
        Assert.True(scripts.Count >= Histories);
        var text = new StringBuilder("[\n").AppendJoin(",\n", scripts.Select(s => s.ToJsonString(Plain))).Append("\n]\n").ToString();
        var file = RepositoryFiles.Path("contracts", "v1", "scripts", name);
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        Assert.True(text == File.ReadAllText(file), $"contracts/v1/scripts/{name} is not what the tests say; UPDATE_SNAPSHOTS=1 writes it anew, and the clients have to follow");
    }

    // Two streams, two utilities, losses, restarts, other histories and wrong clocks, in an order that chance gives.
    private static void Draw(Lot lot)
    {
        var (script, at, sequence, epoch) = (Script.Start(options: Options(lot)), 0, 1L, "E");
        script.Hears(Complete(epoch, sequence, Some(lot, Dr, 1), Some(lot, Fcr, 1)));
        for (var revision = 2; revision <= 24; revision++)
        {
            at += lot.Next(4) == 0 ? lot.Next(200) : lot.Next(40);
            script.At(at);
            var stream = lot.Next(2) == 0 ? Dr : Fcr;
            switch (lot.Next(13))
            {
                case 0 or 1 or 2:
                    Contracts.UpstreamHealth[] upstreams = lot.Next(3) == 0 ? [Lost(stream, lot.Next(150))] : lot.Next(2) == 0 ? [Ok(stream)] : [];
                    script.Hears(Beat(sequence, Site, upstreams).In(epoch, lot.Next(6) == 0));
                    break;
                case 3 or 4:
                    script.Hears(Change(++sequence, Some(lot, stream, revision)).In(epoch));
                    break;
                case 5:
                    script.Hears(Withdraw(++sequence, stream, revision).In(epoch));
                    break;
                case 6:
                    script.Hears(Complete(epoch, ++sequence, Some(lot, stream, revision)));
                    break;
                case 7:
                    (epoch, sequence) = (epoch + "F", lot.Next(5));
                    script.Hears(Incomplete(epoch, sequence, Some(lot, stream, lot.Next(revision) + 1)));
                    break;
                case 8:
                    script.HubClockIsAhead(Duration.FromSeconds(lot.Next(400) - 200)).Hears(Beat(sequence).In(epoch)).Hears(Beat(sequence).In(epoch));
                    break;
                case 9:
                    script.Hears(Complete(epoch, Math.Max(0, sequence - 2), Some(lot, stream, revision - 1)));
                    break;
                case 10:
                    script.Restarts(out var written);
                    script = Script.Start(written, Options(lot), at);
                    break;
                case 11:
                    script.WallClockJumps(Duration.FromSeconds(lot.Next(4_000) - 2_000));
                    at = (int)Math.Floor((script.Now.Wall - T0).TotalSeconds);
                    break;
                default:
                    script.Hears(lot.Next(2) == 0 ? Unknown(epoch + "U") : Change(sequence += 3, Some(lot, stream, revision)).In(epoch));
                    break;
            }
        }
    }

    private static FailsafeOptions Options(Lot lot) => new()
    {
        InitLimits = lot.Next(2) == 0 ? new Contracts.Limits { ImportLimitW = 4_200 } : null,
        Default = lot.Next(2) == 0 ? new FailsafeOptions().Default : Falls(90, 3_000, null),
    };

    private static Contracts.Envelope Some(Lot lot, Contracts.StreamId stream, long revision)
    {
        long? importW = lot.Next(5) == 0 ? null : 1_000 * lot.Next(70);
        var failsafe = lot.Next(3) switch { 0 => null, 1 => Holds(60), _ => Falls(60, 500 * lot.Next(9), 60 * lot.Next(5)) };
        var envelope = Envelope(stream, revision, importW, failsafe, fromS: lot.Next(900) - 300, untilS: lot.Next(2) == 0 ? null : 900 + lot.Next(2_000));
        return lot.Next(3) != 0 ? envelope : envelope with
        {
            Tier = lot.Next(2) == 0 ? Contracts.Tier.Safety : Contracts.Tier.Market,
            Obligation = lot.Next(5) == 0 ? Contracts.Obligation.Advisory : Contracts.Obligation.Mandatory,
            Default = new Contracts.DefaultLimits
            {
                Limits = new Contracts.Limits
                {
                    ExportLimitW = 100 * lot.Next(9),
                    Connect = lot.Next(4) != 0,
                    PerPhase = new Contracts.PhaseLimits { L1 = new Contracts.PhaseLimit { ImportLimitA = lot.Next(40) } },
                },
            },
        };
    }

    /// <summary>The same numbers wherever it runs: xorshift, 32 bits.</summary>
    private sealed class Lot(uint seed)
    {
        private uint state = unchecked(seed * 2_654_435_761) | 1;

        public int Next(int below)
        {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            return (int)(state % (uint)below);
        }
    }
}
