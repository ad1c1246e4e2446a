using GridServices.Operations.Programs;
using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>Two enrollments of one meter point that exclude each other in the same days.</summary>
/// <param name="MeterPointId">The meter point in both.</param>
/// <param name="OtherEnrollmentId">The other enrollment.</param>
/// <param name="OtherProgram">Its program's code.</param>
/// <param name="From">First common day.</param>
/// <param name="Until">Last common day; null = without end.</param>
/// <param name="Text">Names both programs.</param>
public sealed record DualConflict(string MeterPointId, string OtherEnrollmentId, string OtherProgram, LocalDate From, LocalDate? Until, string Text);

/// <summary>Finds programs that exclude each other.</summary>
public static class DualParticipation
{
    /// <summary>Conflicts with enrollments that are at least ready to be handed in; those that are over, withdrawn or only drafted hinder nobody.</summary>
    public static IReadOnlyList<DualConflict> Conflicts(Enrollment enrollment, ProgramTemplate template, IEnumerable<OtherEnrollment> others)
    {
        ArgumentNullException.ThrowIfNull(enrollment);
        ArgumentNullException.ThrowIfNull(template);
        return [.. from other in others
                   where other.Enrollment.Id != enrollment.Id && Counts(other.Enrollment.State)
                   where other.Enrollment.Period.Overlaps(enrollment.Period) && Exclude(template, other.Template)
                   from meter in enrollment.MeterPointIds.Intersect(other.Enrollment.MeterPointIds, StringComparer.Ordinal)
                   select Conflict(meter, enrollment, template, other)];
    }

    /// <summary>Either side's word is enough, unless one of them names the other as allowed beside it. A program excludes itself.</summary>
    public static bool Exclude(ProgramTemplate left, ProgramTemplate right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        if (left.Code == right.Code)
        {
            return true;
        }

        return !left.DualWith.Contains(right.Code, StringComparer.Ordinal) && !right.DualWith.Contains(left.Code, StringComparer.Ordinal)
            && (left.ExclusiveWith.Any(pattern => Matches(pattern, right.Code)) || right.ExclusiveWith.Any(pattern => Matches(pattern, left.Code)));
    }

    private static bool Matches(string pattern, string code) => pattern.EndsWith('*')
        ? code.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal)
        : string.Equals(pattern, code, StringComparison.Ordinal);

    private static bool Counts(EnrollmentState state) => state is
        EnrollmentState.ReadyToSubmit or EnrollmentState.Submitted or EnrollmentState.UtilityReview or EnrollmentState.Accepted
        or EnrollmentState.Provisioning or EnrollmentState.Testing or EnrollmentState.Active or EnrollmentState.Suspended or EnrollmentState.Ending;

    private static DualConflict Conflict(string meter, Enrollment enrollment, ProgramTemplate template, OtherEnrollment other)
    {
        var (mine, theirs) = (enrollment.Period, other.Enrollment.Period);
        var from = mine.From > theirs.From ? mine.From : theirs.From;
        var until = mine.Until is { } a && theirs.Until is { } b ? (a < b ? a : b) : mine.Until ?? theirs.Until;
        var names = $"{template.Name} ({template.Code}) and {other.Template.Name} ({other.Template.Code})";
        return new DualConflict(meter, other.Enrollment.Id, other.Template.Code, from, until,
            $"{names} exclude each other from {from:yyyy-MM-dd} {(until is null ? "on" : $"to {until:yyyy-MM-dd}")}: leave the other program first, or change a period");
    }
}
