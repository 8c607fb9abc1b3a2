using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;
using Xuanwu.GraphQL.Validation;

namespace Xuanwu.GraphQL.Tests.Validation;

// The pets of the specification's examples, and what one rule says about a document for them.
internal static class Pets
{
    public static readonly Schema Schema = SdlSchema.Build(
        Corpus.Sdl("pets"), new SdlResolvers { Resolve = _ => null });

    /// <summary>Message and places ("line:column") of each error of a rule, in order.</summary>
    public static string[] Errors(string rule, string document) =>
    [
        .. DocumentValidator.Validate(Schema, Parser.Parse(document), new EngineOptions())
            .Where(it => it.Rule == rule)
            .Select(it => $"{it.Message} [{string.Join(' ', it.Locations.Select(at => $"{at.Line}:{at.Column}"))}]"),
    ];
}
