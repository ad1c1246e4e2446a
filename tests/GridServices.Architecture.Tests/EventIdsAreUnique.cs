using System.Globalization;
using System.Text.RegularExpressions;

namespace GridServices.Architecture.Tests;

/// <summary>An operator who searches for an event id finds one event.</summary>
public sealed partial class EventIdsAreUnique
{
    private static readonly Dictionary<string, int> Thousands = new(StringComparer.Ordinal)
    {
        ["GridServices.Hosting"] = 1,
        ["GridServices.EnvelopeHub.Service"] = 2,
        ["GridServices.OpenAdr.Service"] = 3,
        ["GridServices.Ieee2030Dot5.Service"] = 4,
        ["GridServices.Tariffs.Service"] = 5,
        ["GridServices.FrequencyResponse.Service"] = 6,
        ["GridServices.Operations.Service"] = 7,
        ["GridServices.UtilityClients"] = 8,
        ["GridServices.Adapters.Service"] = 9,
        ["GridServices.Cluster"] = 10,
    };

    private static readonly IReadOnlyList<(string Project, string Name, int Id)> Table =
        [.. from project in Repository.Projects
            where File.Exists(Path.Combine(Repository.Root, project.Folder, "EventIds.cs"))
            from Match row in Row().Matches(Repository.Read($"{project.Folder}/EventIds.cs"))
            select (project.Name, row.Groups["name"].Value, int.Parse(row.Groups["id"].Value, CultureInfo.InvariantCulture))];

    [Fact]
    public void No_id_is_used_twice() => Assert.Empty(Table.GroupBy(row => row.Id).Where(same => same.Count() > 1).Select(same => string.Join(", ", same)));

    [Fact]
    public void Each_project_keeps_to_its_thousand()
    {
        Assert.NotEmpty(Table);
        Assert.DoesNotContain(Table, row => row.Id / 1000 != Thousands.GetValueOrDefault(row.Project));
    }

    [Fact]
    public void Every_log_message_has_a_row_of_its_projects_table_and_every_row_one_message()
    {
        var used = (from project in Repository.Projects
                    where project.Folder.StartsWith("services/", StringComparison.Ordinal)
                    from file in Repository.Files("*.cs")
                    where file.StartsWith(project.Folder + "/", StringComparison.Ordinal)
                    from Match message in Message().Matches(Repository.Read(file))
                    select (project.Name, Id: message.Groups["id"].Value)).ToList();
        Assert.Equal(
            Table.Select(row => (row.Project, $"EventIds.{row.Name}")).Order(),
            used.Order());
    }

    [GeneratedRegex(@"internal const int (?<name>\w+) = (?<id>\d+);", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();

    [GeneratedRegex(@"\[LoggerMessage\((EventId = )?(?<id>[\w.]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Message();
}
