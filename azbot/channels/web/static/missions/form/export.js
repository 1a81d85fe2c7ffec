/* « Télécharger mes données »: everything this phone has of the visit, as one file. */

/** Save it; pictures stand in it as data URLs. */
export async function download(visit) {
  const photos = await Promise.all(visit.store.all("photos").map(async ({ id, at, blob }) => ({ file: id, taken_at: at, picture: await dataUrl(blob) })));
  const { mission } = visit.page;
  const text = JSON.stringify(
    { mission, answers: visit.answers, told: visit.told, unsent: visit.orders, refused: visit.refused, photos }, null, 2);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `${mission.ref}-visite-${mission.number}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
