using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests.Types;

public sealed class NamingTests
{
    public static class Queries
    {
        public static IEnumerable<string> GetJobsAsync() => [];

        public static Task<string> GetOwnerAsync() => Task.FromResult("");

        public static ValueTask<int?> IPAddress() => default;

        public static string? Get() => null;

        public static Mode Mode(Mode mode = NamingTests.Mode.HTTPOnly) => mode;

        [GraphQLName("old"), Deprecated("use owner")]
        public static int Renamed([GraphQLName("n")] int number) => number;
    }

    public enum Mode
    {
        FinishedOk,
        HTTPOnly,
        Version2,
        ALREADY_UPPER,
        [GraphQLName("odd")]
        Special,
    }

    [Fact]
    public void Names_follow_the_conventions_of_HotChocolate() => Assert.Equal(
        """
        type Query {
          jobsAsync: [String!]!
          owner: String!
          ipAddress: Int
          get: String
          mode(mode: Mode! = HTTP_ONLY): Mode!
          old(n: Int!): Int! @deprecated(reason: "use owner")
        }

        enum Mode {
          FINISHED_OK
          HTTP_ONLY
          VERSION2
          ALREADY_UPPER
          odd
        }

        """,
        SchemaPrinter.Print(new SchemaBuilder().Query(typeof(Queries)).Build()));
}
