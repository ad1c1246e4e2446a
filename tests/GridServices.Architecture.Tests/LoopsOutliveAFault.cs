using System.Text.RegularExpressions;

namespace GridServices.Architecture.Tests;

/// <summary>A background loop that lets a fault out ends its service, and with it what the other loops do: each names what it does then.</summary>
public sealed partial class LoopsOutliveAFault
{
    /// <summary>Loops without such a catch, and why they need none.</summary>
    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        ["CipherSelfTest"] = "shakes hands with itself once, at the start, and knows by name what that can throw",
        ["ClockStepMonitor"] = "compares two numbers and puts inputs into queues without a bound",
        ["ReadinessGauge"] = "asks the health checks, whose faults the framework turns into answers",
        ["StoreRecovery"] = "tries commits, whose faults the store turns into answers",
        ["SystemdWatchdog"] = "a process whose watchdog fails is to be ended",
    };

    /// <summary>Loops that are still to get one; the list only shrinks.</summary>
    private static readonly HashSet<string> Missing = new(StringComparer.Ordinal)
    {
        "BillingRunner", "ContractPublisher", "LimitsFollower", "HistoryLoop", "HeartbeatScheduler", "StoreShare", "ReadingBackfill", "PastFetchService",
    };

    private static readonly IReadOnlyList<(string Name, string Text)> Loops =
        [.. from file in Repository.Files("*.cs")
            where file.StartsWith("services/", StringComparison.Ordinal)
            let text = Repository.Read(file)
            where BackgroundService().IsMatch(text) && text.Contains(" ExecuteAsync(", StringComparison.Ordinal) && Loop().IsMatch(text)
            select (Path.GetFileNameWithoutExtension(file), text)];

    [Fact]
    public void Every_background_loop_has_a_catch_for_what_nobody_thought_of()
    {
        Assert.True(Loops.Count > 20, $"only {Loops.Count} background loops were found");
        Assert.DoesNotContain(Bare(), name => !Reasons.ContainsKey(name) && !Missing.Contains(name));
    }

    [Fact]
    public void Every_exception_from_it_is_a_loop_without_one() => Assert.Empty(Reasons.Keys.Except(Bare()));

    [Theory]
    [InlineData("catch (Exception fault) when (fault is not OutOfMemoryException)", true)]
    [InlineData("catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))", true)]
    [InlineData("catch (Exception lost)\n", true)]
    [InlineData("catch (Exception e) when (e is HttpRequestException or OperationCanceledException)", false)]
    [InlineData("catch (StoreUnavailableException e)\n", false)]
    public void A_catch_counts_that_leaves_out_nothing_but_memory_and_the_end(string line, bool counts) => Assert.Equal(counts, CatchesAll().IsMatch(line));

    private static IEnumerable<string> Bare() => Loops.Where(loop => !CatchesAll().IsMatch(loop.Text)).Select(loop => loop.Name);

    [GeneratedRegex(@"class \w+[^{;]*[:,]\s*BackgroundService\b", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex BackgroundService();

    [GeneratedRegex(@"\b(while|for|foreach) \(", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Loop();

    [GeneratedRegex(@"catch \(Exception \w+\)(\s*[\r\n]| when \([^\n]*\bis not (\([^\n]*)?OutOfMemoryException)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CatchesAll();
}
