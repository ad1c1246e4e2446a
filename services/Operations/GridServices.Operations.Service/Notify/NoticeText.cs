using System.Text;
using GridServices.Operations.Notifications;
using GridServices.Operations.Service.Console.Texts;

namespace GridServices.Operations.Service.Notify;

/// <summary>The texts of messages, in the contact's language where there is one, else in English.</summary>
internal static class NoticeText
{
    internal static string FormatSubject(MessageDue message)
    {
        var texts = GetTexts(message.Language);
        var title = texts.Word("trigger", message.Parts[0].Trigger);
        return message.Parts.Count == 1 ? title : $"{title} (+{message.Parts.Count - 1})";
    }

    internal static string FormatBody(MessageDue message, string? link)
    {
        var texts = GetTexts(message.Language);
        var text = new StringBuilder();
        foreach (var part in message.Parts)
        {
            text.Append(texts.Word("trigger", part.Trigger)).Append('\n');
            foreach (var argument in part.Arguments.Where(a => a.Value.Length > 0))
            {
                text.Append("  ").Append(texts.Word("noticePart", argument.Name)).Append(": ").Append(argument.Value).Append('\n');
            }

            text.Append('\n');
        }

        return link is null ? text.ToString() : text.Append(texts[IsToSign(message) ? "signPage.please" : "ack.please"]).Append('\n').Append(link).Append('\n').ToString();
    }

    /// <summary>Whether its link is a signer's.</summary>
    internal static bool IsToSign(MessageDue message) => message.Parts is [{ Trigger: Trigger.SignatureAsked }];

    private static TextSet GetTexts(string language) => new(Language.Find(language) ?? Language.English);
}
