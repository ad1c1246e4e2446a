using GridServices.Operations.Programs;
using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>What an enrollment in test still lacks before it may become active.</summary>
public static class Readiness
{
    /// <summary>Empty = everything is there. What a service does not tell is missing.</summary>
    public static IReadOnlyList<RequiredAction> Missing(Enrollment enrollment, EnrollmentFacts facts, Instant now)
    {
        ArgumentNullException.ThrowIfNull(enrollment);
        ArgumentNullException.ThrowIfNull(facts);
        var missing = new List<RequiredAction>();
        var lamps = Lamps.Compute(enrollment, facts.Template.Protocol, facts.Services, now);
        if (lamps.Registered.State is not (LampState.On or LampState.NotUsed))
        {
            Add("test.notRegistered", ActionOwner.Utility, lamps.Registered.Text);
        }

        if (facts.Template.Protocol is ProgramProtocol.OpenAdr20b or ProgramProtocol.Ieee2030Dot5)
        {
            CheckConnections(enrollment, facts.Services, lamps, now, Add);
        }

        return missing;

        void Add(string code, ActionOwner owner, string text) => missing.Add(new RequiredAction { Code = code, Owner = owner, Text = text });
    }

    private static void CheckConnections(Enrollment enrollment, ServiceFacts facts, Lamps lamps, Instant now, Action<string, ActionOwner, string> add)
    {
        if (lamps.Reporting.State != LampState.On)
        {
            add("test.noTelemetry", ActionOwner.Us, lamps.Reporting.Text);
        }

        if (facts.Controller is not { Value.Connected: true, AnsweredAt: { } heard } || !Lamps.IsFresh(heard, now))
        {
            add("test.noController", ActionOwner.Us, "no site controller follows the site");
        }

        switch (facts.Test)
        {
            case { Passed: true } test when test.At >= enrollment.StateSince:
                break;
            case { Passed: false } test when test.At >= enrollment.StateSince:
                add("test.failed", ActionOwner.Us, $"the test failed: {test.Detail}");
                break;
            default:
                add("test.notRun", ActionOwner.Us, "run a test event or a capability test");
                break;
        }
    }
}
