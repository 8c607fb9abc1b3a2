namespace Xuanwu.FlinkSql.Syntax;

// ALTER and DROP.
internal sealed partial class SqlParser
{
    private AlterObject Alter(int start)
    {
        Advance();
        var alter = new AlterObject { IsTemporary = Accept(Tok.TEMPORARY) };
        alter.IsSystem = alter.IsTemporary && Accept(Tok.SYSTEM);
        alter.Object = Object();
        alter.Kind = id switch
        {
            Tok.CATALOG => SqlKind.AlterCatalog,
            Tok.DATABASE => SqlKind.AlterDatabase,
            Tok.TABLE => SqlKind.AlterTable,
            Tok.VIEW => SqlKind.AlterView,
            Tok.FUNCTION => SqlKind.AlterFunction,
            Tok.MODEL => SqlKind.AlterModel,
            Tok.CONNECTION => SqlKind.AlterConnection,
            Tok.MATERIALIZED => SqlKind.AlterMaterializedTable,
            _ => SqlKind.Unknown,
        };
        if (alter.Kind == SqlKind.Unknown)
        {
            NoteObjects();
            Fail();
            return Done(alter, start);
        }

        Advance();
        if (alter.Object == ObjectKind.MaterializedTable) Expect(Tok.TABLE);
        alter.IfExists = IfExists();
        alter.Name = alter.Object == ObjectKind.Catalog ? SimpleIdentifier() : Identifier();
        switch (alter.Object)
        {
            case ObjectKind.Database:
                Expect(Tok.SET);
                alter.Action = AlterAction.Set;
                alter.Options = Options();
                break;
            case ObjectKind.Function:
                AlterFunction(alter);
                break;
            case ObjectKind.View:
                AlterView(alter);
                break;
            default:
                AlterParts(alter);
                break;
        }

        return Done(alter, start);
    }

    private void AlterFunction(AlterObject alter)
    {
        Expect(Tok.AS);
        alter.Action = AlterAction.As;
        alter.Value = Text();
        if (Accept(Tok.LANGUAGE)) alter.Word = Language();
    }

    private void AlterView(AlterObject alter)
    {
        if (Accept(Tok.RENAME))
        {
            Expect(Tok.TO);
            alter.Action = AlterAction.Rename;
            alter.NewName = Identifier();
            return;
        }

        Expect(Tok.AS);
        alter.Action = AlterAction.As;
        alter.Query = failed ? NoQuery() : Query();
    }

    // Tables, materialized tables, catalogs, models, connections.
    private void AlterParts(AlterObject alter)
    {
        var isTable = alter.Object is ObjectKind.Table or ObjectKind.MaterializedTable;
        var isMaterialized = alter.Object == ObjectKind.MaterializedTable;
        switch (id)
        {
            case Tok.SET:
                Advance();
                AlterSet(alter, isMaterialized);
                break;
            case Tok.RESET:
                Advance();
                alter.Action = AlterAction.Reset;
                alter.Keys = Keys();
                break;
            case Tok.COMMENT when alter.Object == ObjectKind.Catalog:
                Advance();
                alter.Action = AlterAction.Comment;
                alter.Value = Text();
                break;
            case Tok.RENAME when alter.Object is not (ObjectKind.Catalog or ObjectKind.MaterializedTable):
                AlterRename(alter, isTable);
                break;
            case Tok.ADD when isTable:
                Advance();
                AlterAdd(alter);
                break;
            case Tok.MODIFY when isTable:
                Advance();
                if (Accept(Tok.DISTRIBUTION))
                {
                    alter.Action = AlterAction.ModifyDistribution;
                    alter.Distribution = DistributedBy();
                }
                else
                {
                    alter.Action = AlterAction.Modify;
                    alter.Elements = AlteredElements();
                }

                break;
            case Tok.DROP when isTable:
                Advance();
                AlterDrop(alter);
                break;
            case Tok.AS when isMaterialized:
                Advance();
                alter.Action = AlterAction.As;
                alter.Query = Query();
                break;
            case Tok.SUSPEND when isMaterialized:
                Advance();
                alter.Action = AlterAction.Suspend;
                break;
            case Tok.RESUME when isMaterialized:
                Advance();
                alter.Action = AlterAction.Resume;
                if (Accept(Tok.WITH)) alter.Options = Options();
                break;
            case Tok.REFRESH when isMaterialized:
                Advance();
                alter.Action = AlterAction.Refresh;
                if (id == Tok.PARTITION) alter.Partitions = [Partition(mustHaveValues: true)];
                break;
            default:
                NoteAlterActions(alter.Object);
                Fail();
                break;
        }
    }

    private void NoteAlterActions(ObjectKind kind)
    {
        if (!noting) return;
        Note(Tok.SET);
        Note(Tok.RESET);
        if (kind == ObjectKind.Catalog)
        {
            Note(Tok.COMMENT);
            return;
        }

        if (kind != ObjectKind.MaterializedTable) Note(Tok.RENAME);
        if (kind is not (ObjectKind.Table or ObjectKind.MaterializedTable)) return;
        Note(Tok.ADD);
        Note(Tok.MODIFY);
        Note(Tok.DROP);
        if (kind == ObjectKind.Table) return;
        Note(Tok.SUSPEND);
        Note(Tok.RESUME);
        Note(Tok.REFRESH);
        Note(Tok.AS);
    }

    private void AlterSet(AlterObject alter, bool isMaterialized)
    {
        if (isMaterialized && Accept(Tok.FRESHNESS))
        {
            Expect(Tok.Equal);
            alter.Action = AlterAction.SetFreshness;
            alter.Value = Freshness();
        }
        else if (isMaterialized && Accept(Tok.REFRESH_MODE))
        {
            alter.Action = AlterAction.SetRefreshMode;
            alter.Word = RefreshMode();
        }
        else if (isMaterialized && Accept(Tok.START_MODE))
        {
            alter.Action = AlterAction.SetStartMode;
            alter.Value = StartMode();
        }
        else
        {
            alter.Action = AlterAction.Set;
            alter.Options = Options();
        }
    }

    private void AlterRename(AlterObject alter, bool isTable)
    {
        Advance();
        if (!Accept(Tok.TO) && isTable)
        {
            alter.Action = AlterAction.RenameColumn;
            alter.Columns = [Identifier()];
            Expect(Tok.TO);
        }

        alter.NewName = Identifier();
    }

    private void AlterAdd(AlterObject alter)
    {
        if (Accept(Tok.DISTRIBUTION))
        {
            alter.Action = AlterAction.AddDistribution;
            alter.Distribution = DistributedBy();
            return;
        }

        if (id == Tok.PARTITION || (id == Tok.IF && Peek() == Tok.NOT))
        {
            IfNotExists();
            alter.Action = AlterAction.AddPartitions;
            var partitions = new List<PartitionSpecification>();
            do
            {
                var partition = Partition(mustHaveValues: true);
                if (Accept(Tok.WITH)) partition.Options = Options();
                partitions.Add(Done(partition, partition.Start));
            }
            while (id == Tok.PARTITION);
            alter.Partitions = partitions;
            return;
        }

        alter.Action = AlterAction.Add;
        alter.Elements = AlteredElements();
    }

    // One element, or several in brackets.
    private List<TableElement> AlteredElements()
    {
        var elements = new List<TableElement>();
        if (!Accept(Tok.Open))
        {
            elements.Add(AlteredElement());
            CheckAltered(elements);
            return elements;
        }

        do elements.Add(AlteredElement());
        while (Accept(Tok.Comma));
        Expect(Tok.Close);
        CheckAltered(elements);
        return elements;
    }

    private void CheckAltered(List<TableElement> elements)
    {
        if (failed) return;
        CheckConstraints(elements);
        foreach (var second in elements.OfType<WatermarkDefinition>().Skip(1)) TellSecondWatermark(second);
    }

    private TableElement AlteredElement()
    {
        if (id == Tok.WATERMARK && Peek() == Tok.FOR) return Watermark();
        if (BeginsConstraint()) return TableConstraint();
        var start = Here;
        var column = Column(Identifier(), start);
        if (Accept(Tok.FIRST)) column.IsFirst = true;
        else if (Accept(Tok.AFTER)) column.After = Identifier();
        return Done(column, start);
    }

    private void AlterDrop(AlterObject alter)
    {
        switch (id)
        {
            case Tok.PARTITION:
            case Tok.IF when Peek() == Tok.EXISTS:
                IfExists();
                alter.Action = AlterAction.DropPartitions;
                var partitions = new List<PartitionSpecification>();
                do partitions.Add(Partition(mustHaveValues: true));
                while (Accept(Tok.Comma));
                alter.Partitions = partitions;
                break;
            case Tok.PRIMARY:
                Advance();
                Expect(Tok.KEY);
                alter.Action = AlterAction.DropPrimaryKey;
                break;
            case Tok.CONSTRAINT:
                Advance();
                alter.Action = AlterAction.DropConstraint;
                alter.Columns = [SimpleIdentifier()];
                break;
            case Tok.WATERMARK:
                Advance();
                alter.Action = AlterAction.DropWatermark;
                break;
            case Tok.DISTRIBUTION:
                Advance();
                alter.Action = AlterAction.DropDistribution;
                break;
            case Tok.Open:
                alter.Action = AlterAction.DropColumns;
                alter.Columns = IdentifiersInBrackets();
                break;
            default:
                alter.Action = AlterAction.DropColumns;
                alter.Columns = [Identifier()];
                break;
        }
    }

    // What ALTER and DROP take.
    private void NoteObjects()
    {
        if (!noting) return;
        foreach (var word in (ReadOnlySpan<string>)
        [
            "TABLE", "VIEW", "CATALOG", "DATABASE", "FUNCTION", "MODEL", "CONNECTION", "MATERIALIZED",
        ]) Note(word);
    }

    private DropObject Drop(int start)
    {
        Advance();
        var drop = new DropObject { IsTemporary = Accept(Tok.TEMPORARY) };
        drop.IsSystem = Accept(Tok.SYSTEM);
        if (id is not (Tok.CATALOG or Tok.DATABASE or Tok.TABLE or Tok.VIEW or Tok.FUNCTION or Tok.MODEL
            or Tok.CONNECTION
            or Tok.MATERIALIZED))
        {
            NoteObjects();
            Fail();
            return Done(drop, start);
        }

        drop.Object = Object();
        Advance();
        if (drop.Object == ObjectKind.MaterializedTable)
        {
            if (drop.IsTemporary)
            {
                Tell("SQL_MATERIALIZED_TABLE", "A materialized table cannot be temporary.",
                    SqlSpan.Between(start, lastEnd));
            }

            Expect(Tok.TABLE);
        }

        drop.Kind = drop.Object switch
        {
            ObjectKind.Catalog => SqlKind.DropCatalog,
            ObjectKind.Database => SqlKind.DropDatabase,
            ObjectKind.Table => SqlKind.DropTable,
            ObjectKind.MaterializedTable => SqlKind.DropMaterializedTable,
            ObjectKind.View => SqlKind.DropView,
            ObjectKind.Function => SqlKind.DropFunction,
            ObjectKind.Model => SqlKind.DropModel,
            _ => SqlKind.DropConnection,
        };
        drop.IfExists = IfExists();
        drop.Name = Identifier();
        if (drop.Object == ObjectKind.Database && !Accept(Tok.RESTRICT)) drop.IsCascade = Accept(Tok.CASCADE);
        return Done(drop, start);
    }
}
