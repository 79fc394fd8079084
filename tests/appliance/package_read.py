"""What is in a register's package, as one JSON object: the zip's names, whether its sums
are right, and each sheet as a list of rows of [value, data type]."""

import io
import json
import sys
import zipfile

import openpyxl

with zipfile.ZipFile(sys.argv[1]) as package:
    names = package.namelist()
    table = next(n for n in names if n.endswith(".xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(package.read(table)))
    json.dump(
        {
            "bad": package.testzip(),
            "table": table,
            "pdfs": sorted(n for n in names if n.endswith(".pdf")),
            "count": len(names),
            "sheets": [
                {
                    "name": sheet.title,
                    "rows": [[c.value for c in row] for row in sheet.rows],
                    "types": "".join(
                        sorted({c.data_type for r in sheet.rows for c in r if c.value is not None})
                    ),
                }
                for sheet in book
            ],
        },
        sys.stdout,
    )
