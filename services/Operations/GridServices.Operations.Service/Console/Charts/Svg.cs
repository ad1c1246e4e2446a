using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;

namespace GridServices.Operations.Service.Console.Charts;

/// <summary>Writes SVG with classes only: the page's policy blocks styles inside of elements, and colours follow dark mode by the style sheet.</summary>
internal sealed class Svg
{
    private readonly StringBuilder _text = new();

    /// <param name="id">Of the page's element; title and description are named after it.</param>
    /// <param name="width">Units of the drawing.</param>
    /// <param name="height">Units of the drawing.</param>
    /// <param name="title">Read out as its name.</param>
    /// <param name="description">One or two sentences that say what is to be seen.</param>
    internal Svg(string id, int width, int height, string title, string description) => _text
        .Append(CultureInfo.InvariantCulture, $"<svg class=\"chart\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">")
        .Append(CultureInfo.InvariantCulture, $"<title id=\"{id}-t\">{Encode(title)}</title><desc id=\"{id}-d\">{Encode(description)}</desc>");

    internal void Line(string css, decimal x1, decimal y1, decimal x2, decimal y2) =>
        Append($"<line class=\"{css}\" x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\"/>");

    internal void Box(string css, decimal x, decimal y, decimal width, decimal height, string? tip = null) =>
        Append($"<rect class=\"{css}\" x=\"{x:0.#}\" y=\"{y:0.#}\" width=\"{width:0.#}\" height=\"{height:0.#}\">{Tip(tip)}</rect>");

    internal void Circle(string css, decimal x, decimal y, decimal radius, string? tip = null) =>
        Append($"<circle class=\"{css}\" cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"{radius:0.#}\">{Tip(tip)}</circle>");

    internal void Path(string css, IReadOnlyList<(decimal X, decimal Y)> points, string? tip = null)
    {
        if (points.Count > 0)
        {
            Append($"<path class=\"{css}\" d=\"M{string.Join('L', points.Select(p => FormattableString.Invariant($"{p.X:0.#} {p.Y:0.#}")))}\">{Tip(tip)}</path>");
        }
    }

    /// <param name="text">What is written.</param>
    /// <param name="x">The anchor.</param>
    /// <param name="y">The base line.</param>
    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    internal void Text(string text, decimal x, decimal y, string anchor = "start") =>
        Append($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\">{Encode(text)}</text>");

    internal IHtmlContent End() => new HtmlString(_text.Append("</svg>").ToString());

    private void Append(FormattableString part) => _text.Append(part.ToString(CultureInfo.InvariantCulture));

    private static string Tip(string? tip) => tip is null ? string.Empty : $"<title>{Encode(tip)}</title>";

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
