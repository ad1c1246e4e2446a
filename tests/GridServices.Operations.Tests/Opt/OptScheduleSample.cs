using GridServices.Operations.Opt;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Tests.Opt;

/// <summary>Plans and a target that tests of opt schedules start from; times are hours after <see cref="Sample.Now"/>.</summary>
internal static class OptScheduleSample
{
    public static readonly OptScheduleTarget Target = new("default", "enrollment-1", "site-1", "ven-1", "http://utility.example/dr", []);

    public static string Id(int number) => EntityId.Create(Sample.Now, [0, 0, 0, 0, 0, 0, 0, 0, (byte)(number / 256), (byte)(number % 256)]);

    public static OptPlan Plan(int number, double from, double until, OptDirection direction = OptDirection.Out, string? enrollmentId = null) => new()
    {
        Id = Id(number),
        Tenant = "default",
        Created = Sample.Stamp,
        Updated = Sample.Stamp with { At = Sample.Now + Duration.FromSeconds(number) },
        Version = 1,
        SiteId = "site-1",
        EnrollmentId = enrollmentId,
        From = Hour(from),
        Until = Hour(until),
        Direction = direction,
        Reason = OptReason.MustRun,
    };

    public static Instant Hour(double hours) => Sample.Now + Duration.FromHours(hours);

    public static IReadOnlyList<WantedOptSchedule> Wanted(params OptPlan[] plans) => WantedOptSchedules.Create(plans, [Target], Sample.Now);
}

/// <summary>The OpenAdr service as far as opt schedules go: one for each Idempotency-Key, a later one of a kind takes the place of an earlier one.</summary>
internal sealed class SmallOptService
{
    private readonly List<FoundOptSchedule> _held = [];
    private int _ids;

    public IReadOnlyList<FoundOptSchedule> Held => _held;

    public int Sent { get; private set; }

    public string Take(OptSchedule schedule)
    {
        if (_held.Find(h => h.Note == schedule.Mark) is { } again)
        {
            return again.OptId;
        }

        Sent++;
        var made = new FoundOptSchedule
        {
            OptId = $"opt-{++_ids}",
            State = OptScheduleState.Held,
            Direction = schedule.Direction,
            MarketContext = schedule.Target.MarketContext,
            ResourceIds = schedule.Target.ResourceIds!,
            Note = schedule.Mark,
        };
        _held.RemoveAll(h => h.Direction == made.Direction && h.MarketContext == made.MarketContext);
        _held.Add(made);
        return made.OptId;
    }

    public void Add(FoundOptSchedule schedule) => _held.Add(schedule);

    public void Change(string optId, Func<FoundOptSchedule, FoundOptSchedule> change) => _held[_held.FindIndex(h => h.OptId == optId)] = change(_held.Find(h => h.OptId == optId)!);

    public void Cancel(string optId) => _held.RemoveAll(h => h.OptId == optId);

    /// <summary>What the service of Operations does in one look; <paramref name="answersLost"/>: it was killed after sending.</summary>
    public IReadOnlyList<OptSchedule> Look(IReadOnlyCollection<WantedOptSchedule> wanted, IReadOnlyCollection<OptSchedule> kept, Instant now, bool answersLost = false)
    {
        IReadOnlyList<FoundOptSchedule> found = [.. _held];
        var settled = OptScheduleReconciliation.Reconcile(wanted, kept, found, now, () => OptScheduleSample.Id(1000 + ++_ids));
        var work = OptScheduleReconciliation.Work(settled, found, now);
        var taken = work.ToSend.ToDictionary(s => s.Id, Take, StringComparer.Ordinal);
        foreach (var optId in work.ToCancel)
        {
            Cancel(optId);
        }

        return answersLost ? settled : [.. settled.Select(s => taken.TryGetValue(s.Id, out var optId) ? s with { OptId = optId, State = OptScheduleState.Waiting } : s)];
    }
}
