using GridServices.Operations.Enrollments;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Events;

/// <summary>The enrollments that opt plans speak of and whose programs want opt schedules.</summary>
internal sealed class OptScheduleTargets(EnrollmentStore enrollments, ProgramStore programs)
{
    internal async Task<IReadOnlyList<OptScheduleTarget>> ListAsync(string tenant, IReadOnlyList<OptPlan> plans, CancellationToken ct)
    {
        var meant = new Dictionary<string, Enrollment>(StringComparer.Ordinal);
        foreach (var siteId in plans.Where(p => p.EnrollmentId is null).Select(p => p.SiteId).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            foreach (var enrollment in await enrollments.ListBySiteAsync(tenant, siteId, ct))
            {
                meant[enrollment.Id] = enrollment;
            }
        }

        foreach (var id in plans.Select(p => p.EnrollmentId).OfType<string>().Distinct(StringComparer.Ordinal).Where(id => !meant.ContainsKey(id)).ToList())
        {
            if (await enrollments.FindAsync(tenant, id, ct) is { } enrollment)
            {
                meant[id] = enrollment;
            }
        }

        var targets = new List<OptScheduleTarget>();
        foreach (var enrollment in meant.Values)
        {
            if (await programs.FindAsync(tenant, enrollment.Template.Code, enrollment.Template.Version, ct) is { } template && OptScheduleTarget.For(enrollment, template) is { } target)
            {
                targets.Add(target);
            }
        }

        return targets;
    }
}
