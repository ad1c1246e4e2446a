using System.Text.RegularExpressions;
using GridServices.Contracts;
using GridServices.Operations.Registry;
using GridServices.Wire;

namespace GridServices.Operations.Bulk;

/// <summary>A row of contacts.csv.</summary>
public sealed partial record ContactRow : BulkRecord
{
    public required string CustomerName { get; init; }

    /// <summary>Null: for all sites of the customer.</summary>
    public string? SiteId { get; init; }

    public required ContactRole Role { get; init; }
    public required string Name { get; init; }
    public required string Email { get; init; }
    public string? Phone { get; init; }
    public string? Language { get; init; }
    public ValueList<Channel> Channels { get; init; } = [Channel.Email];

    public override string Key => JoinKey(CustomerName, SiteId, EnumNames<ContactRole>.GetName(Role), Email.ToLowerInvariant());

    internal static ContactRow? Read(RowFields fields)
    {
        var row = new ContactRow
        {
            CustomerName = fields.Required("customer_name"),
            SiteId = fields.Id("site_id"),
            Role = fields.Needed("role", fields.EnumValue<ContactRole>("role")),
            Name = fields.Required("name"),
            Email = fields.Mail("email") ?? fields.Required("email", 254),
            Phone = fields.Phone("phone"),
            Language = ReadLanguage(fields),
            Channels = ReadChannels(fields),
        };
        if (row.Phone is null && row.Channels.Any(c => c is Channel.Sms or Channel.Voice))
        {
            fields.Refuse("phone", "sms and voice need a number: fill it in, or take them out of channels");
        }

        return fields.AnyFault ? null : row;
    }

    private static string? ReadLanguage(RowFields fields)
    {
        var text = fields.Text("language", 20);
        return text is null || LanguageTag().IsMatch(text) ? text : fields.Refuse("language", "write a language such as en, de or fr-CA");
    }

    private static ValueList<Channel> ReadChannels(RowFields fields)
    {
        var channels = new List<Channel>();
        foreach (var word in fields.Parts("channels"))
        {
            if (EnumNames<Channel>.TryParse(word, out var channel))
            {
                channels.Add(channel);
            }
            else
            {
                fields.Refuse("channels", $"'{word}': {RowFields.DescribeUnknown(word, EnumNames<Channel>.All)}; separate by |");
            }
        }

        return channels.Count == 0 ? [Channel.Email] : channels.ToValueList();
    }

    [GeneratedRegex("^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?\\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LanguageTag();
}
