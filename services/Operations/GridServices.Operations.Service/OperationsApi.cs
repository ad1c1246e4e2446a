using GridServices.Hosting.OpenApi;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Api;
using NodaTime;

namespace GridServices.Operations.Service;

/// <summary>What the service's OpenAPI document says beyond its endpoints.</summary>
internal static class OperationsApi
{
    internal static readonly ApiAbout About = new()
    {
        Description =
            "Customers, sites, meter points, programs and enrollments; what is written at the other services for them; events, opt decisions and compliance. "
            + "It owns no grid behaviour: it writes configuration to the other services and reads their state. What can't be read is answered as unknown, never as good. "
            + "Power is W in connections and limits, kW in programs and nominations; instants are RFC 3339 in UTC, spans half-open, days those of the named zone. "
            + "Personal data is masked for roles that may not read it.",
        Tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Customers"] = "Who holds the account at the utility, and the export and erasure of personal data.",
            ["Contacts"] = "Persons of customers, by role.",
            ["Sites"] = "Places with one connection to the grid.",
            ["Meter points"] = "Where a utility counts.",
            ["Assets"] = "What can change its power.",
            ["Programs"] = "Templates of utilities' programs.",
            ["Enrollments"] = "Sites in programs: what is missing, what is written at the services, how it fares.",
            ["Nominations"] = "How much is offered in a delivery period.",
            ["Certificates"] = "Keys, requests and certificates.",
            ["Controllers"] = "Controllers of sites: how they are heard, and their tokens for the hub.",
            ["Opt plans"] = "Choices made before the event is known.",
            ["Events"] = "What utilities called, who takes part, and how it went.",
            ["Bills"] = "Meters' bills of the Tariffs service by month, and what is made of them.",
            ["Settlements"] = "What events earned.",
            ["Approvals"] = "What waits for a second person.",
            ["Imports"] = "Bulk files.",
            ["Site actions"] = "The same done to many sites at once, looked at first.",
            ["Exports"] = "Files over a range of time.",
            ["Notifications"] = "What was told to whom.",
            ["Webhooks"] = "Addresses that are told what happens.",
            ["Audit"] = "Every write, chained by hashes.",
            ["Settings"] = "The tenant's settings, and how the other services answer.",
            ["Stream"] = "Changes as they are committed.",
        },
        Parameters = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["id"] = "The id, as lists and answers give it.",
            ["code"] = "The program's code, such as PGE-ELRP-A2.",
            ["siteId"] = "The site's id at the hub.",
            ["action"] = "What to do, as the description lists.",
            ["decision"] = "take-over or restore.",
            ["name"] = "The template's name of the document.",
            ["fileName"] = "As the file is to be called again; absent = as the document.",
            ["version"] = "One of the template's versions; absent = the newest.",
            ["filter"] = "field:value, several separated by commas, all of which must hold.",
            ["sort"] = "A field, with - before it for the other way round; absent = by id.",
            ["after"] = "The next of the page before: the page goes on after it.",
            ["limit"] = "Most items of the page, 1 to 1000; absent = 100.",
            ["from"] = "Start, inclusive: an instant in UTC such as 2027-01-15T18:00:00Z.",
            ["until"] = "End, exclusive: an instant in UTC such as 2027-01-15T20:00:00Z.",
            ["site"] = "One site, by its id at the hub; absent = all.",
            ["format"] = "json (default) or csv; where the description names them, sites-csv or sessions-csv.",
            ["kind"] = "sites, meters, contacts, enrollments, nominations or optPlans.",
            ["dryRun"] = "true (default): everything is checked and nothing written; false: it is applied.",
            ["meterPointId"] = "The meter point's id here.",
            ["month"] = "A month such as 2027-07, in which the billing cycle or the event begins.",
            ["method"] = "How a peak is shared: energyShare (default), coincidentPeak, nonCoincidentPeak, shapley or marginal.",
            ["leaveOutRefused"] = "true: rows that can't be used are left out and their energy stays with the site; false (default): they refuse the file.",
            ["program"] = "One program's code; absent = all.",
            ["deliveryId"] = "The delivery, as the list gives it.",
        },
        Read = OperationsWire.Options,
        Write = OperationsWire.Options,
        WrittenAs = new Dictionary<Type, Type> { [typeof(Answers)] = typeof(Dictionary<string, object>), [typeof(LocalTime)] = typeof(string), [typeof(YearMonth)] = typeof(string) },
    };
}
