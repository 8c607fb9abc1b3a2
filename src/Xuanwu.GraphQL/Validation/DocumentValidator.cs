using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;
using Xuanwu.GraphQL.Validation.Rules;

namespace Xuanwu.GraphQL.Validation;

/// <summary>Checks a document against a schema (specification, section 5): every rule, in one pass.</summary>
public static class DocumentValidator
{
    /// <summary>
    /// What is wrong with the document, up to the option's number; empty when it may be executed. A document whose
    /// fields, counted after fragment expansion, are beyond the limits is refused before any rule runs.
    /// </summary>
    public static IReadOnlyList<GraphQLError> Validate(Schema schema, Document document, EngineOptions options)
    {
        if (DocumentLimits.Check(document, options) is { } tooLarge) return [tooLarge];
        var context = new ValidationContext(schema, document, options);
        var rules = Rules(options);
        foreach (var rule in rules) rule.Start(context);
        new DocumentWalker(context, rules).Walk();
        return context.Errors;
    }

    private static ValidationRule[] Rules(EngineOptions options) =>
    [
        new ExecutableDefinitions(),
        new KnownOperationTypes(),
        new UniqueOperationNames(),
        new LoneAnonymousOperation(),
        new SingleFieldSubscriptions(),
        new KnownTypeNames(),
        new FragmentsOnCompositeTypes(),
        new VariablesAreInputTypes(),
        new ScalarLeafs(),
        new FieldsOnCorrectType(options.Introspection),
        new UniqueFragmentNames(),
        new KnownFragmentNames(),
        new NoUnusedFragments(),
        new PossibleFragmentSpreads(),
        new NoFragmentCycles(),
        new UniqueVariableNames(),
        new NoUndefinedVariables(),
        new NoUnusedVariables(),
        new KnownDirectives(),
        new UniqueDirectivesPerLocation(),
        new DeferStreamDirectiveOnRootField(),
        new DeferStreamDirectiveOnValidOperations(),
        new DeferStreamDirectiveLabel(),
        new StreamDirectiveOnListField(),
        new KnownArgumentNames(),
        new UniqueArgumentNames(),
        new ValuesOfCorrectType(),
        new ProvidedRequiredArguments(),
        new VariablesInAllowedPosition(),
        new OverlappingFieldsCanBeMerged(),
        new UniqueInputFieldNames(),
        new MaxIntrospectionDepth(options.MaxIntrospectionLists),
    ];
}
